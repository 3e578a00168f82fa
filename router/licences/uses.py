"""Whether pictures may be handed out for a purpose: every route that gives bytes of one asks here first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from configs.catalog import Catalog
from configs.errors import LicenceRestricted
from configs.schema import Purpose
from router.assets.rows import unknown_upload
from router.assets.search.model import Listed
from router.jobs.documents import NO_VERDICT
from router.jobs.model import Asset, ImageRecord, Job, LicenceVerdict
from router.licences.holding import Holding, hold
from router.licences.model import Acknowledgement, Subject
from router.licences.store import LicenceStore
from router.licences.verdicts import PURPOSES, licence_of, parts_of, reason_of
from router.people.principal import Principal

_NAMED = 5  # pictures, or reasons, in one sentence
_ALL_PURPOSES: tuple[str, ...] = PURPOSES


@dataclass(frozen=True, slots=True)
class Handed:
    """A picture that somebody wants the bytes of: by the name that they know it by, with what was accepted of it."""

    name: str
    verdict: LicenceVerdict
    asset_id: str = ""
    job_id: str = ""
    batch_id: str = ""

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """By which it may have been acknowledged."""
        given = (Subject("asset", self.asset_id), Subject("job", self.job_id), Subject("batch", self.batch_id))
        return tuple(one for one in given if one.id)


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands against the use of a picture: `refused` parts, and conditions that were not acknowledged."""

    picture: Handed
    refused: Sequence[str]
    conditions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """Pictures, by their ids, that were `known` when they were judged for `use`, and what was found against some. One
    that came after that is not among them."""

    use: Purpose
    known: frozenset[str]
    restricted: Mapping[str, Finding]

    def allows(self, asset_id: str) -> bool:
        """Whether it was judged, and nothing stands against it."""
        return asset_id in self.known and asset_id not in self.restricted


def of_job(job: Job, image: ImageRecord) -> Handed:
    """A picture of a job."""
    return Handed(f"{job.id}/{image.index}", image.licence, image.asset_id, job.id, job.batch)


def of_asset(asset: Asset) -> Handed:
    """Any picture by its id."""
    job_id = "" if asset.place is None else asset.place[0]
    return Handed(asset.id, asset.licence, asset.id, job_id)


def of_listed(picture: Listed) -> Handed:
    """The same, as lists have it: an upload that nobody has judged is of unknown right."""
    unjudged = unknown_upload(picture.id) if picture.kind == "uploaded" else NO_VERDICT
    job_id = "" if picture.place is None else picture.place[0]
    return Handed(picture.id, picture.licence or unjudged, picture.id, job_id)


async def complete(store: LicenceStore, pictures: Sequence[Handed]) -> Sequence[Handed]:
    """With verdicts that name all uploads behind them: those of older releases do not."""
    known = await store.with_uploads({one.asset_id: one.verdict for one in pictures if one.asset_id})
    return [replace(one, verdict=known.get(one.asset_id, one.verdict)) for one in pictures]


async def find_obstacles(
    store: LicenceStore, catalog: Catalog, principal: Principal, use: Purpose, pictures: Sequence[Handed]
) -> tuple[Finding, ...]:
    """What stands against handing these out to `principal` for `use`; those against which nothing does are absent."""
    pictures = await complete(store, pictures)
    holding = await hold(store, catalog, principal, [one.verdict for one in pictures])
    found = [Finding(one, *_against(one.verdict, use, holding)) for one in pictures]
    asked = {subject: None for one in found if one.conditions for subject in one.picture.subjects}
    known = await store.acknowledged(principal.id, use, tuple(asked)) if asked else ()
    left = [Finding(one.picture, one.refused, _unread(one, known)) for one in found]
    return tuple(one for one in left if one.refused or one.conditions)


async def check_use(
    store: LicenceStore, catalog: Catalog, principal: Principal, use: Purpose, pictures: Sequence[Handed]
) -> None:
    """Raises `LicenceRestricted` unless all of them may be used so; a sheet is as strict as its strictest picture."""
    found = await find_obstacles(store, catalog, principal, use, pictures)
    if found:
        raise refusal(use, found)


def refusal(use: Purpose, found: Sequence[Finding]) -> LicenceRestricted:
    """What was found in words: what decides it, and what lifts it."""
    names = [one.picture.name for one in found]
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    refused = tuple(dict.fromkeys(reason for one in found for reason in one.refused))
    conditions = tuple(dict.fromkeys(line for one in found for line in one.conditions))
    if refused:
        why = "; ".join(refused[:_NAMED])
        message = f"{shown} may not be used for {use}: {why}. {_LIFTED}"
        return LicenceRestricted(message, "use", _others(use), refused, tuple(names))
    what = "; ".join(conditions[:_NAMED])
    message = (
        f"{shown} may be used for {use} under conditions: {what}. Acknowledge them first: "
        "POST /jobs/{job_id}/acknowledge, or /images/{asset_id}/acknowledge"
    )
    return LicenceRestricted(message, "use", _others(use), conditions, tuple(names), "\n".join(conditions))


_LIFTED = (
    "What lifts it: a licence that an operator has recorded as bought (POST /licences/grants), for an upload the word "
    "of who brought it (PATCH /pictures/{picture_id}), or a picture by a model whose notice says Commercial OK"
)


def _others(use: Purpose) -> tuple[str, ...]:
    return tuple(one for one in _ALL_PURPOSES if one != use and PURPOSES.index(one) < PURPOSES.index(use))


def conditions_on(pictures: Sequence[Handed], use: Purpose, holding: Holding) -> Sequence[Finding]:
    """What stands against using them so, whatever was acknowledged."""
    return [Finding(one, *_against(one.verdict, use, holding)) for one in pictures]


def _against(verdict: LicenceVerdict, use: Purpose, holding: Holding) -> tuple[Sequence[str], Sequence[str]]:
    """The parts that refuse it, and those that have a condition."""
    now = holding.judge(verdict)
    if getattr(now, use) == "allowed":
        return (), ()
    refused, conditional = list[str](), list[str]()
    for part in parts_of(now):
        if holding.lifts(part, use):
            continue
        says = getattr(licence_of(part.licence, holding.catalog), use)
        if says != "allowed":
            (refused if says == "refused" else conditional).append(reason_of(part, holding.catalog))
    return tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(conditional))


def _unread(found: Finding, known: Sequence[Acknowledgement]) -> Sequence[str]:
    """Its conditions that nobody has acknowledged for it: those that were read of others do not count."""
    read = set(_lines(found.picture, known))
    return tuple(line for line in found.conditions if line not in read)


def _lines(picture: Handed, known: Sequence[Acknowledgement]) -> Iterator[str]:
    for one in known:
        if one.subject in picture.subjects:
            yield from one.conditions

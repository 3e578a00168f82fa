"""What holds now: verdicts are kept as they were when something was ordered, and judged anew when they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from configs.catalog import Catalog
from configs.schema import Purpose
from router.jobs.model import Job, LicenceVerdict, LicensedPart, Uses
from router.licences.descent import with_uploads
from router.licences.model import Grant, UploadRight
from router.licences.store import LicenceStore
from router.licences.verdicts import PURPOSES, judge, limits, parts_of
from router.people.principal import Principal


@dataclass(frozen=True, slots=True)
class Holding:
    """All that counts at this moment for somebody in `space`, beside the texts themselves."""

    catalog: Catalog
    space: str
    grants: Sequence[Grant] = ()
    rights: Mapping[str, UploadRight] = field(default_factory=dict)

    def judge(self, accepted: LicenceVerdict) -> LicenceVerdict:
        """What holds now of what was accepted as this."""
        parts = tuple(self._as_said(part) for part in parts_of(accepted) if not self._is_cleared(part))
        now = judge(parts, self.catalog, self.lifts)
        before = Uses(reference=accepted.reference, internal=accepted.internal, product=accepted.product)
        differs = any(getattr(now, purpose) != getattr(before, purpose) for purpose in PURPOSES)
        return now.model_copy(update={"accepted": before}) if differs else now

    def _as_said(self, part: LicensedPart) -> LicensedPart:
        said = self.rights.get(part.picture) if part.picture else None
        return part if said is None else part.model_copy(update={"licence": said.right})

    def _is_cleared(self, part: LicensedPart) -> bool:
        said = self.rights.get(part.through) if part.through else None
        return said is not None and said.cleared_by is not None

    def lifts(self, part: LicensedPart, purpose: Purpose) -> bool:
        """Whether something was bought that allows it."""
        return any(covers(grant, part, purpose, self.space) for grant in self.grants)


def covers(grant: Grant, part: LicensedPart, purpose: Purpose, space: str) -> bool:
    """Whether a grant, while it holds, lifts this part for this purpose in this space. What was said of an upload is no
    text that could be bought by recording it."""
    return (
        purpose in grant.purposes
        and not part.picture
        and grant.space in (None, space)
        and grant.component in (None, part.component)
        and grant.licence in (None, part.licence)
    )


async def hold(
    store: LicenceStore, catalog: Catalog, principal: Principal, verdicts: Sequence[LicenceVerdict]
) -> Holding:
    """What counts for these. Nothing is asked of the database where nothing limits them."""
    parts = {part for verdict in verdicts for part in parts_of(verdict)}
    pictures = sorted({id for part in parts for id in (part.picture, part.through) if id})
    rights = await store.rights(pictures)
    grants = await store.standing() if any(limits(part, catalog) and not part.picture for part in parts) else ()
    return Holding(catalog, principal.space, grants, rights)


async def hold_pictures(
    store: LicenceStore, catalog: Catalog, principal: Principal, accepted: Mapping[str, LicenceVerdict]
) -> Mapping[str, LicenceVerdict]:
    """What holds now of pictures, by their ids."""
    known = await store.with_uploads(accepted)
    holding = await hold(store, catalog, principal, list(known.values()))
    return {id: holding.judge(one) for id, one in known.items()}


async def hold_jobs(
    store: LicenceStore, catalog: Catalog, principal: Principal, jobs: Sequence[Job]
) -> tuple[Job, ...]:
    """The jobs with what holds now, of themselves and of their pictures."""
    known = await store.with_uploads({image.asset_id: image.licence for job in jobs for image in job.images})
    jobs = [_completed(job, known) for job in jobs]
    verdicts = [verdict for job in jobs for verdict in (job.licence, *(image.licence for image in job.images))]
    holding = await hold(store, catalog, principal, verdicts)
    return tuple(_held(job, holding) for job in jobs)


def _completed(job: Job, known: Mapping[str, LicenceVerdict]) -> Job:
    """With verdicts on its pictures that name the uploads behind them; so does its own then."""
    images = tuple(one.model_copy(update={"licence": known[one.asset_id]}) for one in job.images)
    uploads = [part.picture for one in images for part in one.licence.parts if part.picture]
    return replace(job, licence=with_uploads(job.licence, tuple(dict.fromkeys(uploads))), images=images)


def _held(job: Job, holding: Holding) -> Job:
    images = tuple(one.model_copy(update={"licence": holding.judge(one.licence)}) for one in job.images)
    return replace(job, licence=holding.judge(job.licence), images=images)

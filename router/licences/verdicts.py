"""What a picture may be used for: the strictest word of every licence that took part in making it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeAlias

from configs.catalog import Catalog
from configs.schema import Licence, LicencePart, Purpose, Verdict
from router.jobs.model import UNREADABLE, LicenceVerdict, LicensedPart
from router.plan import Plan
from router.stage_table import kind_of

PURPOSES: tuple[Purpose, ...] = ("reference", "internal", "product")

_ALL_ALLOWED: tuple[Verdict, Verdict, Verdict] = ("allowed", "allowed", "allowed")

Lifts: TypeAlias = Callable[[LicensedPart, Purpose], bool]
"""Whether something, such as a licence that was bought, allows a purpose whatever the text says."""

_UNJUDGED = Licence(
    id="unjudged",
    name="",
    reference="allowed",
    internal="conditional",
    product="refused",
    note="nobody has judged it: a person has to read its text, and note it in configs/licences.yaml",
    source="nobody has said",
    read_on=date.min,
)
_NO_LICENCE = Licence(
    id=UNREADABLE,
    name="No licence",
    reference="refused",
    internal="refused",
    product="refused",
    note="what took part in this picture is stored in a form that this release cannot read",
    source="nobody has said",
    read_on=date.min,
)
_STRICTNESS: dict[Verdict, int] = {"allowed": 0, "conditional": 1, "refused": 2}


def judge_licences(plan: Plan, catalog: Catalog, sources: Sequence[LicenceVerdict] = ()) -> LicenceVerdict:
    """The verdict per purpose over all that takes part in the stages of `plan`, and over `sources`, the verdicts on
    pictures that it starts from: what may not be used does not become free by a change.
    """
    parts = [part for stage in plan.stages for part in kind_of(stage).licence_parts(stage, catalog)]
    return join([judge_parts(parts, catalog), *sources])


def judge_parts(parts: Iterable[tuple[str, LicencePart]], catalog: Catalog) -> LicenceVerdict:
    """The verdict over (component, licence part) pairs. `reasons` name each part that allows less than everything."""
    told = (LicensedPart(component=component, part=part.part, licence=part.licence) for component, part in parts)
    return judge(tuple(dict.fromkeys(told)), catalog)


def judge(
    parts: Sequence[LicensedPart], catalog: Catalog, lifts: Lifts = lambda _part, _purpose: False
) -> LicenceVerdict:
    """The verdict over parts, but for what something `lifts`."""

    def of(part: LicensedPart) -> tuple[Verdict, Verdict, Verdict]:
        licence = licence_of(part.licence, catalog)
        said = (licence.reference, licence.internal, licence.product)
        if said == _ALL_ALLOWED:
            return said
        verdicts = zip(PURPOSES, said, strict=True)
        reference, internal, product = (
            "allowed" if verdict != "allowed" and lifts(part, purpose) else verdict for purpose, verdict in verdicts
        )
        return reference, internal, product

    told = [of(part) for part in parts]
    strict = [part for part, (_, *rest) in zip(parts, told, strict=True) if strictest(rest) != "allowed"]
    return LicenceVerdict(
        reference=strictest([reference for reference, _, _ in told]),
        internal=strictest([internal for _, internal, _ in told]),
        product=strictest([product for _, _, product in told]),
        licences=tuple(sorted({part.licence for part in parts})),
        reasons=tuple(dict.fromkeys(reason_of(part, catalog) for part in strict)),
        parts=tuple(parts),
    )


def join(verdicts: Sequence[LicenceVerdict]) -> LicenceVerdict:
    """What all of them allow."""
    return LicenceVerdict(
        reference=strictest([one.reference for one in verdicts]),
        internal=strictest([one.internal for one in verdicts]),
        product=strictest([one.product for one in verdicts]),
        licences=tuple(sorted({licence for one in verdicts for licence in one.licences})),
        reasons=tuple(dict.fromkeys(reason for one in verdicts for reason in one.reasons)),
        parts=tuple(dict.fromkeys(part for one in verdicts for part in parts_of(one))),
    )


def parts_of(verdict: LicenceVerdict) -> tuple[LicensedPart, ...]:
    """What took part; of a verdict that is older than that, its licences, whatever they are of."""
    nameless = (LicensedPart(component="", part="", licence=licence) for licence in verdict.licences)
    return verdict.parts or tuple(nameless)


def licence_of(id: str, catalog: Catalog) -> Licence:
    """The policy under this id; for one that is not there, that of a text which nobody has judged."""
    known = _NO_LICENCE if id == UNREADABLE else catalog.licences.get(id)
    return known or _UNJUDGED.model_copy(update={"name": id})


def reason_of(part: LicensedPart, catalog: Catalog) -> str:
    """In a sentence, which part it is and what its licence says."""
    licence = licence_of(part.licence, catalog)
    of = f"{part.component} ({part.part}): " if part.component else ""
    return f"{of}{licence.name}: {licence.note or 'see its text'}"


def limits(part: LicensedPart, catalog: Catalog) -> bool:
    """Whether a part allows less than everything, whatever was bought."""
    licence = licence_of(part.licence, catalog)
    return strictest([licence.reference, licence.internal, licence.product]) != "allowed"


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """Of none: nothing stands against it."""
    return max(verdicts, key=_STRICTNESS.__getitem__, default="allowed")


def is_looser(one: Verdict, other: Verdict) -> bool:
    """Whether `one` allows more."""
    return _STRICTNESS[one] < _STRICTNESS[other]

"""What a picture may be used for: the strictest word of every licence that took part in making it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from configs.catalog import Catalog
from configs.schema import LicencePart, Verdict
from router.jobs.model import LicenceVerdict
from router.plan import Plan
from router.stage_table import kind_of

Purpose = Literal["reference", "internal", "product"]
_STRICTNESS: dict[Verdict, int] = {"allowed": 0, "conditional": 1, "refused": 2}


def judge_licences(plan: Plan, catalog: Catalog, sources: Sequence[LicenceVerdict] = ()) -> LicenceVerdict:
    """The verdict per purpose over all that takes part in the stages of `plan`, and over `sources`, the verdicts on
    pictures that it starts from: what may not be used does not become free by a change.
    """
    parts = [part for stage in plan.stages for part in kind_of(stage).licence_parts(stage, catalog)]
    return _join([judge_parts(parts, catalog), *sources])


def _join(verdicts: Sequence[LicenceVerdict]) -> LicenceVerdict:
    """What all of them allow."""
    return LicenceVerdict(
        reference=_strictest([one.reference for one in verdicts]),
        internal=_strictest([one.internal for one in verdicts]),
        product=_strictest([one.product for one in verdicts]),
        licences=tuple(sorted({licence for one in verdicts for licence in one.licences})),
        reasons=tuple(dict.fromkeys(reason for one in verdicts for reason in one.reasons)),
    )


def judge_parts(parts: list[tuple[str, LicencePart]], catalog: Catalog) -> LicenceVerdict:
    """The verdict over (component, licence part) pairs. `reasons` name each part that allows less than everything."""
    reasons = [
        f"{component} ({part.part}): {licence.name}: {licence.note or 'see its text'}"
        for component, part in parts
        if _strictest([(licence := catalog.licences[part.licence]).internal, licence.product]) != "allowed"
    ]
    return LicenceVerdict(
        reference=_strictest([catalog.licences[part.licence].reference for _, part in parts]),
        internal=_strictest([catalog.licences[part.licence].internal for _, part in parts]),
        product=_strictest([catalog.licences[part.licence].product for _, part in parts]),
        licences=tuple(sorted({part.licence for _, part in parts})),
        reasons=tuple(reasons),
    )


def _strictest(verdicts: list[Verdict]) -> Verdict:
    return max(verdicts, key=_STRICTNESS.__getitem__)

"""What a picture may be used for: the strictest word of every licence that took part in making it."""

from __future__ import annotations

from typing import Literal

from configs.catalog import Catalog
from configs.schema import LicencePart, Verdict
from router.jobs.model import LicenceVerdict
from router.plan import Plan

Purpose = Literal["reference", "internal", "product"]
_STRICTNESS: dict[Verdict, int] = {"allowed": 0, "conditional": 1, "refused": 2}


def judge_licences(plan: Plan, catalog: Catalog) -> LicenceVerdict:
    """The verdict per purpose over the model, its LoRAs and the upscaler of `plan`."""
    parts: list[tuple[str, LicencePart]] = []
    parts += [(plan.base.model, part) for part in catalog.models[plan.base.model].licence_parts]
    for applied in plan.base.all_loras:
        parts += [(applied.lora, part) for part in catalog.loras[applied.lora].licence_parts]
    if plan.upscale is not None:
        parts += [(plan.upscale.upscaler, part) for part in catalog.upscalers[plan.upscale.upscaler].licence_parts]
    return judge_parts(parts, catalog)


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

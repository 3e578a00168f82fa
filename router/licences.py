"""What a picture may be used for: the strictest word of every licence that took part in making it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from configs.catalog import Catalog
from configs.schema import LicencePart, ModelConfig, Verdict
from router.jobs.model import LicenceVerdict
from router.plan import BaseStage, Plan

Purpose = Literal["reference", "internal", "product"]
_STRICTNESS: dict[Verdict, int] = {"allowed": 0, "conditional": 1, "refused": 2}


def judge_licences(plan: Plan, catalog: Catalog, sources: Sequence[LicenceVerdict] = ()) -> LicenceVerdict:
    """The verdict per purpose over the model of `plan`, what reads pictures beside it, its LoRAs and the upscaler; and
    over `sources`, the verdicts on pictures that it starts from: what may not be used does not become free by a change.
    """
    parts: list[tuple[str, LicencePart]] = []
    parts += [(plan.base.model, part) for part in catalog.models[plan.base.model].licence_parts]
    parts += _reading_parts(plan.base, catalog.models[plan.base.model])
    for applied in plan.base.all_loras:
        parts += [(applied.lora, part) for part in catalog.loras[applied.lora].licence_parts]
    if plan.upscale is not None:
        parts += [(plan.upscale.upscaler, part) for part in catalog.upscalers[plan.upscale.upscaler].licence_parts]
    return _join([judge_parts(parts, catalog), *sources])


def _reading_parts(base: BaseStage, model: ModelConfig) -> list[tuple[str, LicencePart]]:
    """Of the ControlNets and the image prompt adapter that this plan uses."""
    parts: list[tuple[str, LicencePart]] = []
    for kind in dict.fromkeys(one.kind for one in base.pictures if one.kind is not None):
        parts += [(f"{model.id}, control {kind}", part) for part in model.controls[kind].licence_parts]
    if model.image_prompt is not None and any(one.role == "image_prompt" for one in base.pictures):
        parts += [(f"{model.id}, image prompt", part) for part in model.image_prompt.licence_parts]
    return parts


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

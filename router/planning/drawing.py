"""The drawing, with which every plan begins: what is drawn, and how."""

from __future__ import annotations

import math

from configs.capabilities import Capabilities
from configs.contracts import AssetTypeConfig, ModelTerms, QualityConfig, StepCacheConfig, StyleConfig
from configs.errors import InvalidRequest
from configs.inputs import InputImage
from configs.schema import Size
from deployments.stages.base import BaseStage, StoredImage
from router.job_request import JobRequest
from router.placement import ModelChoice
from router.prompts.composing import Composed

_REDRAWN = 0.75  # of a picture: its composition stays, its style and details follow the words


def plan_drawing(
    request: JobRequest,
    negative_prompt: str,
    steps: int,
    terms: ModelTerms,
    quality: QualityConfig,
    choice: ModelChoice,
    size: Size,
    inputs: tuple[InputImage[StoredImage], ...],
    composed: Composed,
) -> BaseStage:
    """What is drawn, without its time. Raises `InvalidRequest`."""
    model = choice.model
    guidance = model.guidance_scale if terms.guidance_scale is None else terms.guidance_scale
    if choice.can.guidance == "none":
        guidance = model.guidance_scale
    return BaseStage(
        deployment=choice.placement.name,
        model=model.id,
        fused=choice.placement.loras,
        loras=choice.loras,
        full_prompt=composed.text,
        negative_prompt=negative_prompt,
        size=size,
        num_inference_steps=steps,
        guidance_scale=guidance if request.guidance_scale is None else request.guidance_scale,
        sampler=choice.sampling.sampler,
        schedule=choice.sampling.schedule,
        step_cache=_step_cache(quality, steps) if choice.can.step_cache else None,
        inputs=inputs,
        strength=_strength(request, steps),
        reading=composed.reading,
        near=request.near,
        estimated_seconds=0.0,
    )


def find_negative_prompt(
    request: JobRequest, asset_type: AssetTypeConfig, style: StyleConfig | None, can: Capabilities
) -> str:
    """The request's, else the asset type's and its style's where the model takes one."""
    if request.negative_prompt is not None:
        return request.negative_prompt
    if not can.negative_prompt:
        return ""
    return ", ".join(filter(None, (asset_type.negative_prompt, "" if style is None else style.negative_prompt)))


def _strength(request: JobRequest, steps: int) -> float | None:
    """How much of the image is redrawn: with a mask all that it marks, else most. Raises `InvalidRequest` where that
    would be less than one step."""
    if request.image is None:
        return None
    strength = request.strength or (_REDRAWN if request.mask is None else 1.0)
    if steps * strength < 1 - 1e-6:
        least = math.ceil(1000 / steps) / 1000
        message = f"a strength of {strength:g} leaves none of {steps} steps: give {least:g} or more, or take more steps"
        raise InvalidRequest(message, "strength")
    return strength


def _step_cache(quality: QualityConfig, steps: int) -> StepCacheConfig | None:
    """The quality's rule, for this many steps: the last one is never skipped."""
    rule = quality.step_cache
    if rule is None or not rule.skip:
        return rule
    skip = tuple(step for step in rule.skip if step < steps - 1)
    return StepCacheConfig(skip=skip) if skip else None

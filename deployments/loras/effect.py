"""Whether a LoRA changes what the model predicts: the first step of one fixed request, taken without it and with it.

Weights can change and the prediction stay the same, in layers that what they add to does not use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol, TypeAlias, cast

import torch

from configs.capabilities import Capabilities
from configs.errors import BadLora
from configs.inputs import InputImage, drawn_over
from configs.schema import ModelConfig, Size
from deployments.families.family import AnyFamily
from deployments.loras.changes import Change, LowRank
from deployments.loras.keys import Place
from deployments.loras.merged import Merged, Part
from deployments.loras.slots import Adapter, Selection
from deployments.messages import GenerateRequest, Picture
from deployments.pipelines.whole import Whole

Model: TypeAlias = AnyFamily | Whole
MEASURABLE = {"float32": 1e-4}
COARSE = 1e-3
"""A prediction that changes by less, relative, draws the same picture but for rounding; the latter where the model
computes in 16 bits, whose own rounding is not smaller."""


class _Drawn(Protocol):
    """What every family's state has."""

    latents: torch.Tensor


def check_prediction(
    model: Model, config: ModelConfig, can: Capabilities, changes: Mapping[Place, Change], owner: str
) -> float:
    """The relative change of the model's first prediction. Raises BadLora if that is too small to be measured, or not
    a number. The weights are as before when it returns; nothing else may use the model meanwhile."""
    effect = measure_prediction(model, config, can, changes)
    if not math.isfinite(effect):
        raise BadLora(f"{owner}: makes '{config.id}' predict values that are not numbers.", "loras")
    if effect < _measurable(model, can):
        raise BadLora(
            f"{owner}: has no measurable effect: for a fixed prompt and seed, what '{config.id}' predicts changes by "
            f"{effect:.1g} of its size. It was hardly trained, or it changes layers that this model does not use.",
            "loras",
        )
    return effect


def measure_prediction(model: Model, config: ModelConfig, can: Capabilities, changes: Mapping[Place, Change]) -> float:
    """By how much the first step of the fixed request moves elsewhere with `changes` at strength 1, relative to the
    way that it moves without them. Of a model that is called whole: by how much its picture after the fewest steps
    differs, relative to its contrast. Not finite if there is no number for it. Weights in few bits take no changes:
    there these must fit a slot."""
    request = fixed_request(config, can)
    move = _picture if can.engine == "pipeline" else _first_move
    plain = move(model, request)
    if model.anatomy.packed:
        changed = _worn_move(cast(AnyFamily, model), request, changes)
        return float((changed - plain).norm() / plain.norm())
    merged = Merged(model.anatomy)
    merged.apply("trial", [Part(changes, 1.0)])
    try:
        changed = move(model, request)
    finally:
        merged.clear()
    return float((changed - plain).norm() / plain.norm())


def fixed_request(config: ModelConfig, can: Capabilities) -> GenerateRequest:
    """The same for every LoRA of a model: seed 0, its smallest native size, fewest steps, and whatever pictures a
    model without txt2img cannot do without."""
    size = min(config.native_sizes, key=lambda one: one.pixels)
    return GenerateRequest(
        request_id="preflight",
        prompt="a red bicycle in front of a white wall",
        negative_prompt="",
        width=size.width,
        height=size.height,
        seed=0,
        num_inference_steps=max(min(config.steps.values(), default=2), can.steps[0]),
        guidance_scale=config.guidance_scale,
        inputs=_needed(size, can),
    )


def _needed(size: Size, can: Capabilities) -> tuple[InputImage[Picture], ...]:
    """The pictures that a model without txt2img cannot do without."""
    grey = Picture(size.width, size.height, bytes([128]) * (3 * size.pixels))
    white = Picture(size.width, size.height, bytes([255]) * (3 * size.pixels))
    if "txt2img" in can.modes:
        return ()
    if "img2img" in can.modes or "inpaint" in can.modes:
        return drawn_over(grey, None if "img2img" in can.modes else white)
    return (InputImage(role="reference", image=grey),)


def _measurable(model: Model, can: Capabilities) -> float:
    return COARSE if can.engine == "pipeline" else MEASURABLE.get(model.dtype, COARSE)


def _picture(model: Model, request: GenerateRequest) -> torch.Tensor:
    whole = cast(Whole, model)
    fewest = replace(request, num_inference_steps=max(whole.least_steps, 1))
    (picture,) = whole.draw([fewest], lambda _step, _steps: None)
    levels = torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8).float()
    return levels - levels.mean()


def _worn_move(family: AnyFamily, request: GenerateRequest, changes: Mapping[Place, Change]) -> torch.Tensor:
    tensors = {place.module: change for place, change in changes.items() if isinstance(change, LowRank)}
    rank = max(change.rank for change in tensors.values())
    slot = family.slots.put(Adapter("trial", "", rank, tensors, 0))
    try:
        return _first_move(family, request, ((slot, 1.0),))
    finally:
        family.slots.drop(slot)


def _first_move(model: Model, request: GenerateRequest, adapters: Selection = ()) -> torch.Tensor:
    family = cast(AnyFamily, model)
    state = family.start(request, family.encode(request.prompt, request.negative_prompt), adapters)
    seen = cast(_Drawn, state)
    before = seen.latents.float().clone()
    family.step([state])
    return seen.latents.float() - before

"""Refine: a second pass over the drawing, by the same model or another, which keeps what it shows and sharpens how.

Its replicas are the generators'. The pass is img2img at a strength that leaves composition and colours alone; or, with
`denoising_start`, the drawing ends there and is handed over as latents, as the SDXL refiner was made for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from configs.catalog import Catalog
from configs.errors import InvalidRequest, UnknownName, Unsupported
from configs.inputs import drawn_over
from configs.placements import GeneratorPlacement
from configs.sampling import NoiseSchedule, Sampler
from configs.schema import AppliedLora, Identifier, LicencePart, ModelConfig, Size
from deployments.checkpoints.sampling import usual_sampling
from deployments.messages import Done, GenerateRequest
from deployments.stages.base import count_previews, step_seconds, step_work
from deployments.stages.kind import Draft, Learned, Settings, Stage, StageKind, Work

_USUAL = 0.3


class RefineSettings(Settings):
    """A second pass over the drawing."""

    alternatives: ClassVar[tuple[frozenset[str], ...]] = (frozenset({"strength", "denoising_start"}),)

    model: Identifier | None = Field(default=None, description="That refines; the one that draws if absent")
    strength: float | None = Field(
        default=None, ge=0.05, le=0.6, description="How much is drawn anew: 0.2 to 0.4 keeps it; 0.3 if absent"
    )
    denoising_start: float | None = Field(
        default=None,
        ge=0.2,
        le=0.95,
        description="Instead of `strength`: the share of the noise after which it takes the drawing's latents over, 0.8"
        " for the SDXL refiner",
    )


class RefineStage(Stage):
    """Draw over the picture: `strength` of `num_inference_steps` are taken. With `denoising_start`, which takes the
    place of `strength`, go on from the latents of a drawing that ended there."""

    kind: Literal["refine"] = "refine"
    model: Identifier
    loras: tuple[AppliedLora, ...] = ()
    full_prompt: str
    negative_prompt: str
    size: Size
    num_inference_steps: int = Field(gt=0)
    guidance_scale: float
    sampler: Sampler
    schedule: NoiseSchedule | None
    strength: float | None = None
    denoising_start: float | None = None

    @property
    def takes_over_at(self) -> float | None:
        return self.denoising_start

    @property
    def share(self) -> float:
        """Of all steps, about as many as it takes."""
        if self.denoising_start is not None:
            return 1 - self.denoising_start
        return _USUAL if self.strength is None else self.strength

    @property
    def taken_steps(self) -> int:
        """Those that are left to take."""
        return max(1, math.ceil(self.num_inference_steps * self.share - 1e-6))


def _plan(draft: Draft) -> RefineStage | None:
    """Raises `UnknownName`, `Unsupported` and `InvalidRequest` for a model that is not here, or cannot do it."""
    said, base = draft.settings, draft.base
    if not isinstance(said, RefineSettings):
        return None
    placement = _place(draft, said.model or draft.model.id)
    model, over = draft.installation.catalog.models[placement.model], said.denoising_start
    _check(draft, model)
    if over is not None:
        _check_handover(said, over, draft, model)
    same, usual = model.id == base.model, usual_sampling(model, draft.installation)
    stage = RefineStage(
        deployment=placement.name,
        model=model.id,
        loras=base.loras if same and not placement.loras else (),
        full_prompt=base.full_prompt,
        negative_prompt=base.negative_prompt if draft.installation.capabilities[model.id].negative_prompt else "",
        size=draft.size,
        num_inference_steps=model.steps[draft.quality] if over is None else base.num_inference_steps,
        guidance_scale=base.guidance_scale if same else model.guidance_scale,
        sampler=base.sampler if same or over is not None else usual.sampler,
        schedule=base.schedule if same or over is not None else usual.schedule,
        strength=(said.strength or _USUAL) if over is None else None,
        denoising_start=over,
        estimated_seconds=0.0,
    )
    seconds = stage.taken_steps * step_seconds(draft.speeds, model, stage.size)
    return stage.model_copy(update={"estimated_seconds": seconds})


def _check(draft: Draft, model: ModelConfig) -> None:
    """Raises `Unsupported` and `InvalidRequest` where `model` draws over no picture of this size and quality."""
    field = "stages.refine.model"
    if "img2img" not in draft.installation.capabilities[model.id].modes:
        raise Unsupported(f"{model.id} draws over no picture, so it cannot refine one", field)
    if draft.size not in model.native_sizes:
        sizes = tuple(str(size) for size in model.native_sizes)
        raise InvalidRequest(f"{model.id} draws {', '.join(sizes)}, not {draft.size}", field, sizes)
    if draft.quality not in model.steps:
        raise InvalidRequest(f"{model.id} has no quality '{draft.quality}'", field, tuple(model.steps))


def _check_handover(said: RefineSettings, start: float, draft: Draft, model: ModelConfig) -> None:
    """Raises `Unsupported` and `InvalidRequest` where `model` cannot go on from the drawing's latents."""
    base, can = draft.base, draft.installation.capabilities
    own, field = can[model.id], "stages.refine.denoising_start"
    if said.strength is not None:
        message = "a refiner takes latents over at denoising_start, or draws over the picture at a strength: give one"
        raise InvalidRequest(message, "stages.refine.strength")
    if can[base.model].latents is None or base.step_cache is not None:
        raise Unsupported(f"{base.model} hands no latents over here; leave denoising_start out", field)
    if own.latents != can[base.model].latents:
        able = [id for id, one in can.items() if one.latents == can[base.model].latents and "img2img" in one.modes]
        placed = tuple(dict.fromkeys(one.model for one in draft.installation.profile.generators if one.model in able))
        message = f"{model.id} cannot go on from latents of {base.model}; choose {' or '.join(placed)}"
        raise Unsupported(message, "stages.refine.model", placed)
    for role, name in (("mask", "mask"), ("control", "controls")):
        if any(picture.role == role for picture in base.inputs):
            raise InvalidRequest(f"a drawing with {name} is not handed over; leave denoising_start out", field)
    if base.sampler not in own.samplers or base.schedule not in (None, *own.samplers[base.sampler]):
        known = tuple(own.samplers)
        message = f"{model.id} goes on with the sampler of the drawing, so name one of {', '.join(known)} for both"
        raise InvalidRequest(message, "sampler", known)
    if base.strength is not None and base.strength <= 1 - start:
        message = f"of a picture that is redrawn at {base.strength:g} nothing is left before {start:g}; raise strength"
        raise InvalidRequest(message, "strength")


def _place(draft: Draft, model: str) -> GeneratorPlacement:
    """Where the drawing is made, if it is the same model; else the plainest placement of the other."""
    placements = draft.installation.profile.generators
    if model == draft.base.model:
        return next(one for one in placements if one.name == draft.base.deployment)
    found = sorted((one for one in placements if one.model == model), key=lambda one: len(one.loras))
    if not found:
        known = tuple(dict.fromkeys(one.model for one in placements))
        message = f"'{model}' is not a model of this installation; choose one of {', '.join(known)}"
        raise UnknownName(message, "stages.refine.model", known)
    return found[0]


def _message(stage: RefineStage, work: Work) -> GenerateRequest:
    return GenerateRequest(
        request_id=f"{work.request_id} refined",
        prompt=stage.full_prompt,
        negative_prompt=stage.negative_prompt,
        width=stage.size.width,
        height=stage.size.height,
        seed=work.seed,
        num_inference_steps=stage.num_inference_steps,
        guidance_scale=stage.guidance_scale,
        sampler=stage.sampler,
        schedule=stage.schedule,
        previews=count_previews(stage.estimated_seconds),
        loras=stage.loras,
        inputs=drawn_over(work.picture) if stage.denoising_start is None else (),
        latents=None if stage.denoising_start is None else work.picture,
        strength=1.0 if stage.strength is None else stage.strength,
        denoising_start=stage.denoising_start or 0.0,
        deadline_seconds=work.seconds_left,
        patience_seconds=work.patience_seconds,
    )


def _learned(stage: RefineStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(step_work(stage.model, stage.size), done.seconds / stage.taken_steps),)


def _licence_parts(stage: RefineStage, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    """Of the model; its LoRAs are those of the drawing."""
    return ((stage.model, part) for part in catalog.models[stage.model].licence_parts)


REFINE = StageKind(
    name="refine",
    label="refining",
    stage=RefineStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"with {stage.model}: the last {stage.share:.0%} of {stage.num_inference_steps} steps",
    settings=RefineSettings,
    learned=_learned,
    licence_parts=_licence_parts,
)

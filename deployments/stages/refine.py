"""Refine: a second pass over the drawing, by the same model or another, which keeps what it shows and sharpens how.

Its replicas are the generators'. The pass is img2img at a strength that leaves composition and colours alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from configs.catalog import Catalog
from configs.errors import InvalidRequest, UnknownName, Unsupported
from configs.sampling import NoiseSchedule, Sampler
from configs.schema import AppliedLora, GeneratorPlacement, Identifier, LicencePart, Size
from deployments.checkpoints.sampling import usual_sampling
from deployments.messages import Done, GenerateRequest
from deployments.stages.base import count_previews, step_seconds, step_work
from deployments.stages.kind import Draft, Learned, Settings, Stage, StageKind, Work


class RefineSettings(Settings):
    """A second pass over the drawing."""

    model: Identifier | None = Field(default=None, description="That refines; the one that draws if absent")
    strength: float = Field(default=0.3, ge=0.05, le=0.6, description="How much is drawn anew; 0.2 to 0.4 keeps it")


class RefineStage(Stage):
    """Draw over the picture: `strength` of `num_inference_steps` are taken."""

    kind: Literal["refine"] = "refine"
    model: Identifier
    loras: tuple[AppliedLora, ...] = ()
    full_prompt: str
    negative_prompt: str
    size: Size
    num_inference_steps: int = Field(gt=0)
    guidance_scale: float
    sampler: Sampler = "default"
    schedule: NoiseSchedule | None = None
    strength: float

    @property
    def taken_steps(self) -> int:
        """Those that are left to take: about `strength` of all."""
        return max(1, math.ceil(self.num_inference_steps * self.strength - 1e-6))


def _plan(draft: Draft) -> RefineStage | None:
    """Raises `UnknownName`, `Unsupported` and `InvalidRequest` for a model that is not here, or cannot do it."""
    said = draft.settings
    if not isinstance(said, RefineSettings):
        return None
    placement = _place(draft, said.model or draft.model.id)
    model, base = draft.installation.catalog.models[placement.model], draft.base
    can = draft.installation.capabilities[model.id]
    if "img2img" not in can.modes:
        raise Unsupported(f"{model.id} draws over no picture, so it cannot refine one", "stages.refine.model")
    if draft.size not in model.native_sizes:
        sizes = tuple(str(size) for size in model.native_sizes)
        raise InvalidRequest(f"{model.id} draws {', '.join(sizes)}, not {draft.size}", "stages.refine.model", sizes)
    if draft.quality not in model.steps:
        raise InvalidRequest(f"{model.id} has no quality '{draft.quality}'", "stages.refine.model", tuple(model.steps))
    same = model.id == base.model
    usual = usual_sampling(model, draft.installation)
    stage = RefineStage(
        deployment=placement.name,
        model=model.id,
        loras=base.loras if same and not placement.loras else (),
        full_prompt=base.full_prompt,
        negative_prompt=base.negative_prompt if can.negative_prompt else "",
        size=draft.size,
        num_inference_steps=model.steps[draft.quality],
        guidance_scale=base.guidance_scale if same else model.guidance_scale,
        sampler=base.sampler if same else usual.sampler,
        schedule=base.schedule if same else usual.schedule,
        strength=said.strength,
        estimated_seconds=0.0,
    )
    seconds = stage.taken_steps * step_seconds(draft.speeds, model, stage.size)
    return stage.model_copy(update={"estimated_seconds": seconds})


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
        image=work.picture,
        strength=stage.strength,
        deadline_seconds=work.seconds_left,
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
    written=lambda stage: f"with {stage.model}: {stage.strength:.0%} of {stage.num_inference_steps} steps",
    settings=RefineSettings,
    learned=_learned,
    licence_parts=_licence_parts,
)

"""Tile: what was enlarged is redrawn piece by piece by the model that drew it, which puts detail where an upscaler has
only edges. Its replicas are the generators': the tiles of a picture are requests that the engine takes together.

Tiles follow the picture through the model's ControlNet of the kind `tile`, where its YAML names one; else by img2img
alone, at a low strength. They are drawn without the picture's words, or each would show all of what those say.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from configs.catalog import Catalog
from configs.errors import InvalidRequest, Unsupported
from configs.inputs import drawn_over
from configs.sampling import NoiseSchedule, Sampler
from configs.schema import AppliedLora, Identifier, LicencePart, Size
from deployments.messages import Done, GenerateRequest
from deployments.stages.base import step_seconds, step_work
from deployments.stages.kind import Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.tiles import Layout, lay_out

CONTROL = "tile"
"""The kind of ControlNet that keeps a redrawn tile to what it was."""
OVERLAP = 0.25
MOST_TILES = 256
_ALONE, _FOLLOWING = 0.15, 0.4


class TileSettings(Settings):
    """Redraw the enlarged picture in overlapping tiles."""

    strength: float | None = Field(
        default=None,
        ge=0.05,
        le=0.6,
        description="How much is drawn anew: 0.15 if absent, and 0.4 with a model that has a tile ControlNet",
    )
    prompt: str = Field(
        default="",
        max_length=1000,
        description="Words that are true of every part of the picture, such as its material; none if absent",
    )


class TileStage(Stage):
    """Redraw `tiles` tiles of the size `tile`, each at `strength` of `num_inference_steps`, along a tile ControlNet at
    `control_scale` if there is one."""

    kind: Literal["tile"] = "tile"
    model: Identifier
    loras: tuple[AppliedLora, ...] = ()
    prompt: str
    negative_prompt: str
    size: Size
    tile: Size
    tiles: int = Field(gt=0)
    overlap: float = Field(ge=0, lt=1)
    num_inference_steps: int = Field(gt=0)
    guidance_scale: float
    sampler: Sampler
    schedule: NoiseSchedule | None
    strength: float
    control_scale: float | None = None

    @property
    def taken_steps(self) -> int:
        """Of each tile."""
        return max(1, math.ceil(self.num_inference_steps * self.strength - 1e-6))

    @property
    def beside(self) -> int:
        """Pictures that the model looks at in each step."""
        return 0 if self.control_scale is None else 1


@dataclass(frozen=True, slots=True)
class TileRequest:
    """Redraw a picture, `drawing.image`, in tiles of the size of `drawing`: each is drawn as that says, with a seed of
    its own. Neighbours share the part `overlap` of a tile."""

    method: ClassVar[str] = "redraw_tiles"
    streams: ClassVar[bool] = True
    takes_picture: ClassVar[bool] = False

    drawing: GenerateRequest
    overlap: float = OVERLAP
    control_scale: float | None = None

    @property
    def loras(self) -> tuple[AppliedLora, ...]:
        """By which replicas are chosen."""
        return self.drawing.loras


def _plan(draft: Draft) -> TileStage | None:
    """Raises `Unsupported` and `InvalidRequest` where nothing was enlarged, or the model cannot redraw it."""
    said, base, size = draft.settings, draft.base, draft.size
    if not isinstance(said, TileSettings):
        return None
    _check(draft)
    layout = _layout(size, base.size)
    scale = _control_scale(draft)
    stage = TileStage(
        deployment=base.deployment,
        model=base.model,
        loras=base.loras,
        prompt=said.prompt,
        negative_prompt=base.negative_prompt,
        size=size,
        tile=base.size,
        tiles=len(layout.places),
        overlap=OVERLAP,
        num_inference_steps=base.num_inference_steps,
        guidance_scale=base.guidance_scale,
        sampler=base.sampler,
        schedule=base.schedule,
        strength=_strength(said, base.num_inference_steps, scale is not None),
        control_scale=scale,
        estimated_seconds=0.0,
    )
    per_step = step_seconds(draft.speeds, draft.model, stage.tile, stage.beside)
    return stage.model_copy(update={"estimated_seconds": stage.tiles * stage.taken_steps * per_step})


def _check(draft: Draft) -> None:
    base, size, field = draft.base, draft.size, "stages.tile"
    if "img2img" not in draft.installation.capabilities[base.model].modes:
        raise Unsupported(f"{base.model} draws over no picture, so it redraws none in tiles", field)
    if size.width <= base.size.width and size.height <= base.size.height:
        message = f"{base.model} draws {size} as a whole, so nothing is redrawn in tiles; ask for a larger size, or for"
        raise InvalidRequest(f"{message} stages.refine", field)
    tiles = len(_layout(size, base.size).places)
    if tiles > MOST_TILES:
        message = (
            f"{size} is {tiles} tiles of {base.size}, and at most {MOST_TILES} are redrawn; ask for a smaller size"
        )
        raise InvalidRequest(message, field)


def _strength(said: TileSettings, steps: int, follows: bool) -> float:
    usual = max(_FOLLOWING if follows else _ALONE, math.ceil(1000 / steps) / 1000)
    strength = usual if said.strength is None else said.strength
    if strength * steps < 1 - 1e-6:
        least = math.ceil(1000 / steps) / 1000
        message = f"a strength of {strength:g} leaves none of {steps} steps: give {least:g} or more, or take more steps"
        raise InvalidRequest(message, "stages.tile.strength")
    return strength


def _control_scale(draft: Draft) -> float | None:
    can = draft.installation.capabilities[draft.base.model]
    return 1.0 if CONTROL in draft.model.controls and can.follows("img2img") else None


def _layout(size: Size, tile: Size) -> Layout:
    return lay_out(size.width, size.height, (tile.width, tile.height), OVERLAP)


def _message(stage: TileStage, work: Work) -> TileRequest:
    drawing = GenerateRequest(
        request_id=f"{work.request_id} tiles",
        prompt=stage.prompt,
        negative_prompt=stage.negative_prompt,
        width=stage.tile.width,
        height=stage.tile.height,
        seed=work.seed,
        num_inference_steps=stage.num_inference_steps,
        guidance_scale=stage.guidance_scale,
        sampler=stage.sampler,
        schedule=stage.schedule,
        loras=stage.loras,
        inputs=drawn_over(work.picture),
        strength=stage.strength,
        deadline_seconds=work.seconds_left,
        patience_seconds=work.patience_seconds,
    )
    return TileRequest(drawing, stage.overlap, stage.control_scale)


def _learned(stage: TileStage, done: Done) -> tuple[Learned, ...]:
    seconds = done.seconds / (stage.tiles * stage.taken_steps)
    return (Learned(step_work(stage.model, stage.tile, stage.beside), seconds),)


def _licence_parts(stage: TileStage, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    """Of the ControlNet; all else is that of the drawing."""
    if stage.control_scale is not None:
        parts = catalog.models[stage.model].controls[CONTROL].licence_parts
        yield from ((f"{stage.model}, control {CONTROL}", part) for part in parts)


def _notes(stage: TileStage, draft: Draft) -> tuple[tuple[str, str], ...]:
    how = "along its tile ControlNet" if stage.control_scale is not None else "by img2img: it has no tile ControlNet"
    said = f"{draft.model.id} redraws {stage.tiles} tiles of {stage.tile} at a strength of {stage.strength:g}, {how}"
    return (("tiles", said),)


TILE = StageKind(
    name="tile",
    label="redrawing in tiles",
    stage=TileStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"{stage.tiles} of {stage.tile} with {stage.model}, {stage.strength:.0%} drawn anew",
    settings=TileSettings,
    learned=_learned,
    licence_parts=_licence_parts,
    notes=_notes,
)

"""Palette: a picture's colours pulled to those of a given palette, by how near they are to the eye. CPU only."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from PIL import Image
from pydantic import Field, StringConstraints

from configs.catalog import Installation
from configs.replicas import Replicas
from deployments.exchange import KEPT, Exchange
from deployments.messages import Done, Picture
from deployments.stages.kind import Deployment, Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.oklab import Colours, from_oklab, to_oklab

_DEPLOYMENT = "palette"
_GUESS_SECONDS = 0.4  # per megapixel, until measured
_MEGAPIXEL = 1_000_000
_REACH = 0.06  # OKLab distance within which two colours of a palette share a pixel, so that no edge appears
_GREY = 0.03  # OKLab chroma below which a colour is none: paper, ink and shadows
_ROWS_AT_ONCE = 256

Colour = Annotated[
    str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), Field(description="#RRGGBB, sRGB", examples=["#d13438"])
]


class PaletteSettings(Settings):
    """The colours that a picture is to have. Greys stay, unless the palette has one that is as light."""

    colours: tuple[Colour, ...] = Field(min_length=1, max_length=64)
    strength: float = Field(default=1.0, gt=0, le=1, description="How far each colour goes to that of the palette")


class PaletteStage(Stage):
    """Pull each colour `strength` of its way to the nearest of `colours`."""

    kind: Literal["palette"] = "palette"
    colours: tuple[str, ...]
    strength: float
    megapixels: float = Field(gt=0)


@dataclass(frozen=True, slots=True)
class PaletteRequest:
    """Pull the colours of a picture to `colours` (#RRGGBB) by the share `strength` of their distance in OKLab."""

    method: ClassVar[str] = "pull"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    colours: tuple[str, ...]
    strength: float


class Palette:
    """The replica: a thread of its own."""

    def __init__(self, exchange: Exchange = KEPT) -> None:
        self._put = exchange.put
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=_DEPLOYMENT)

    async def pull(self, picture: Picture, request: PaletteRequest) -> Done:
        """The picture in the colours of the request."""
        loop = asyncio.get_running_loop()
        pulled, seconds = await loop.run_in_executor(self._thread, _timed, picture, request)
        return Done(seconds, await asyncio.to_thread(self._put, pulled))

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Let the picture at hand be finished, and begin no others."""
        self._thread.shutdown(cancel_futures=True)


def pull_colours(levels: Colours, palette: Colours, strength: float) -> Colours:
    """sRGB levels [..., 3] pulled to the palette [n, 3]: where two of its colours are about as near, between them."""
    labs, targets = to_oklab(levels), to_oklab(palette)
    squares = ((labs[..., None, :] - targets) ** 2).sum(axis=-1)
    nearness = np.exp(-(squares - squares.min(axis=-1, keepdims=True)) / _REACH**2)
    nearest = (nearness / nearness.sum(axis=-1, keepdims=True)) @ targets
    grey = np.hypot(labs[..., 1], labs[..., 2]) < _GREY
    kept = grey & (np.hypot(nearest[..., 1], nearest[..., 2]) >= _GREY)
    share = np.where(kept, 0.0, strength)[..., None].astype(np.float32)
    return from_oklab(labs + share * (nearest - labs))


def _timed(picture: Picture, request: PaletteRequest) -> tuple[Picture, float]:
    started = time.perf_counter()
    levels = np.asarray(Image.frombytes("RGB", (picture.width, picture.height), picture.rgb), np.float32)
    palette = np.array([list(bytes.fromhex(colour[1:])) for colour in request.colours], np.float32)
    parts: list[np.ndarray[Any, np.dtype[np.uint8]]] = []
    for row in range(0, picture.height, _ROWS_AT_ONCE):  # so that memory stays flat
        pulled = pull_colours(levels[row : row + _ROWS_AT_ONCE], palette, request.strength)
        parts.append(pulled.round().clip(0, 255).astype(np.uint8))
    rgb = np.concatenate(parts).tobytes()
    return Picture(picture.width, picture.height, rgb), time.perf_counter() - started


def _plan(draft: Draft) -> PaletteStage | None:
    if not isinstance(draft.settings, PaletteSettings):
        return None
    megapixels = draft.size.pixels / _MEGAPIXEL
    return PaletteStage(
        deployment=_DEPLOYMENT,
        colours=tuple(colour.lower() for colour in draft.settings.colours),
        strength=draft.settings.strength,
        megapixels=megapixels,
        estimated_seconds=draft.speeds.seconds(_DEPLOYMENT, _GUESS_SECONDS) * megapixels,
    )


def _message(stage: PaletteStage, _: Work) -> PaletteRequest:
    return PaletteRequest(stage.colours, stage.strength)


def _learned(stage: PaletteStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(_DEPLOYMENT, done.seconds / stage.megapixels),)


def _deployments(_: Installation) -> tuple[Deployment, ...]:
    """One that comes when it is asked for, and goes again."""
    return (Deployment(_DEPLOYMENT, Palette, (), Replicas(min_replicas=0)),)


PALETTE = StageKind(
    name="palette",
    label="matching colours",
    stage=PaletteStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"{', '.join(stage.colours)} at {stage.strength:.0%}",
    settings=PaletteSettings,
    learned=_learned,
    deployments=_deployments,
)

"""Palette: a picture's colours pulled to those of a brand, by how near they are to the eye. CPU only."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from configs.brand import Colour, PaletteEntry
from configs.catalog import Installation
from configs.errors import InvalidRequest, StageError
from configs.replicas import Replicas
from deployments.exchange import KEPT, Exchange
from deployments.messages import Done, Picture
from deployments.stages.brand_palette import BrandPalette, measure_adherence, palette_of
from deployments.stages.brand_pull import pull_softly
from deployments.stages.brand_snap import look_of, snap
from deployments.stages.kind import Deployment, Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.oklab import Levels

_DEPLOYMENT = "palette"
_GUESS_SECONDS = 0.5  # per megapixel, until measured
_MEGAPIXEL = 1_000_000

Mode = Literal["auto", "soft", "snap"]


class PaletteSettings(Settings):
    """The colours that a picture is to have, those of its brand kit if absent. `soft` keeps light and shade; `snap`
    makes areas of exactly those colours; `auto` snaps what is flat."""

    colours: tuple[Colour, ...] | None = Field(
        default=None, min_length=1, max_length=64, description="#RRGGBB; the brand kit's if absent"
    )
    strength: float = Field(default=1.0, gt=0, le=1, description="How far each colour goes to that of the palette")
    mode: Mode = "auto"


class PaletteStage(Stage):
    """Pull each colour `strength` of its way to the nearest of `colours`, which are those of a brand's `entries` where
    there are any, with their roles and tolerances."""

    kind: Literal["palette"] = "palette"
    colours: tuple[str, ...]
    strength: float
    megapixels: float = Field(gt=0)
    mode: Mode = "snap"  # of plans made before there was a choice
    kit: str = ""
    entries: tuple[PaletteEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class PaletteRequest:
    """Pull the colours of a picture to `colours` (#RRGGBB) by the share `strength` of their distance in OKLab; each has
    a role and a tolerance, or all the usual ones."""

    method: ClassVar[str] = "pull"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    colours: tuple[str, ...]
    strength: float
    mode: Mode = "snap"
    roles: tuple[str, ...] = ()
    tolerances: tuple[float, ...] = ()


class Palette:
    """The replica: a thread of its own."""

    def __init__(self, exchange: Exchange = KEPT) -> None:
        self._put = exchange.put
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=_DEPLOYMENT)

    async def pull(self, picture: Picture, request: PaletteRequest) -> Done:
        """The picture in the colours of the request, and how much of it was in them before and is now."""
        loop = asyncio.get_running_loop()
        pulled = await loop.run_in_executor(self._thread, _pull, picture, request)
        put = await asyncio.to_thread(self._put, pulled.picture)
        return Done(pulled.seconds, put, notes=pulled.notes, scores=pulled.scores)

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Let the picture at hand be finished, and begin no others."""
        self._thread.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Pulled:
    picture: Picture
    scores: dict[str, float]
    notes: tuple[str, ...]
    seconds: float


def _pull(picture: Picture, request: PaletteRequest) -> _Pulled:
    started = time.perf_counter()
    if len(picture.rgb) != picture.width * picture.height * 3:
        raise StageError(f"{len(picture.rgb)} bytes are no picture of {picture.width}x{picture.height}")
    levels = np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)
    palette = palette_of(request.colours, request.roles, request.tolerances)
    look = look_of(levels)
    snaps = request.mode == "snap" or (request.mode == "auto" and look == "flat")
    goal = snap(levels, palette, request.strength) if snaps else pull_softly(levels, palette, request.strength)
    notes = ("palette: this picture is shaded; mode snap has made it flat",) if snaps and look == "shaded" else ()
    pulled = Picture(picture.width, picture.height, goal.tobytes(), picture.alpha)
    return _Pulled(pulled, _scores(levels, goal, palette), notes, time.perf_counter() - started)


def _scores(before: Levels, after: Levels, palette: BrandPalette) -> dict[str, float]:
    found = measure_adherence(after, palette)
    return {
        "palette_adherence_before": round(measure_adherence(before, palette).share, 4),
        "palette_adherence": round(found.share, 4),
        "palette_de_p95": round(found.p95, 4),
    }


def _plan(draft: Draft) -> PaletteStage | None:
    """Where somebody asks for it, and in the colours of a brand that pictures are kept to, unless it is left out."""
    settings, kit = draft.settings, draft.kit
    if settings is None and kit is not None:
        settings = PaletteSettings()
    if not isinstance(settings, PaletteSettings):
        return None
    own = settings.colours
    if own is None and kit is None:
        message = "there is no brand kit whose colours could be used: give colours, or a brand_kit"
        raise InvalidRequest(message, "stages.palette.colours")
    entries = kit.palette if own is None and kit is not None else ()
    megapixels = draft.size.pixels / _MEGAPIXEL
    return PaletteStage(
        deployment=_DEPLOYMENT,
        colours=tuple(colour.lower() for colour in own or (entry.colour for entry in entries)),
        strength=settings.strength,
        megapixels=megapixels,
        mode=settings.mode,
        kit=kit.id if entries and kit is not None else "",
        entries=entries,
        estimated_seconds=draft.speeds.seconds(_DEPLOYMENT, _GUESS_SECONDS) * megapixels,
    )


def _message(stage: PaletteStage, _: Work) -> PaletteRequest:
    roles, tolerances = [entry.role for entry in stage.entries], [entry.tolerance for entry in stage.entries]
    return PaletteRequest(stage.colours, stage.strength, stage.mode, tuple(roles), tuple(tolerances))


def _written(stage: PaletteStage) -> str:
    of = f"those of {stage.kit}: " if stage.kit else ""
    return f"{of}{', '.join(stage.colours)} at {stage.strength:.0%}"


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
    written=_written,
    settings=PaletteSettings,
    learned=_learned,
    deployments=_deployments,
)

"""Upscale: a picture in, the same picture larger out. torch is imported when a replica is made, not before."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from configs.catalog import Catalog, Installation
from configs.errors import AtelierError, InvalidRequest, StageError
from configs.schema import Identifier, LicencePart, Size, UpscalerConfig
from deployments.exchange import KEPT, Exchange
from deployments.messages import Done, Picture
from deployments.stages.kind import Deployment, Draft, Learned, Stage, StageKind, Work

log = logging.getLogger(__name__)

# Per picture of output; beyond this the browser and the finisher are in trouble too.
MAX_PIXELS = 8192 * 8192
_MAX_PASSES = 2
_MEGAPIXEL = 1_000_000


class UpscaleStage(Stage):
    """Enlarge by `scale`, `passes` times."""

    kind: Literal["upscale"] = "upscale"
    upscaler: Identifier
    scale: int = Field(gt=1)
    passes: int = Field(gt=0)
    size: Size


@dataclass(frozen=True, slots=True)
class UpscaleRequest:
    """Enlarge a picture by the network's scale, `passes` times."""

    method: ClassVar[str] = "upscale"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    passes: int


class Upscaler:
    """One super-resolution network, loaded. Pictures are enlarged one at a time, on a thread of its own."""

    def __init__(self, config: UpscalerConfig, exchange: Exchange = KEPT) -> None:
        """Load the network. Raises ConfigError for weights that cannot be used."""
        from deployments.stages.enlarge import load_enlarger

        self._scale = config.scale
        self._put = exchange.put
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"upscaler {config.id}")
        self._enlarger = self._thread.submit(load_enlarger, config).result()

    async def upscale(self, picture: Picture, request: UpscaleRequest) -> Done:
        """Enlarge by the network's scale, as often as the request says.

        Canceling the awaiting task stops the work after the tile being drawn. Raises StageError if the result would
        be too large, or the network fails on this picture.
        """
        passes = request.passes
        factor = self._scale**passes
        if passes < 1 or picture.width * picture.height * factor**2 > MAX_PIXELS:
            raise StageError(f"a picture of {picture.width}x{picture.height} cannot be enlarged {factor} times")
        unwanted = threading.Event()
        loop = asyncio.get_running_loop()
        try:
            larger, seconds = await loop.run_in_executor(self._thread, self._enlarge, picture, passes, unwanted)
        finally:
            unwanted.set()
        reference = await asyncio.to_thread(self._put, larger)
        return Done(seconds, reference)

    def check_health(self) -> None:
        """Nothing here can break without the process; a request that fails is answered with its error."""

    def close(self) -> None:
        """Finish the picture being enlarged, and begin no others."""
        self._thread.shutdown(cancel_futures=True)

    def _enlarge(self, picture: Picture, passes: int, unwanted: threading.Event) -> tuple[Picture, float]:
        started = time.perf_counter()
        try:
            for _ in range(passes):
                picture = self._enlarger.enlarge(picture, unwanted)
        except AtelierError:
            raise
        except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
            log.exception("a picture could not be enlarged")
            raise StageError(f"the upscaler failed on this picture ({type(error).__name__})") from None
        return picture, time.perf_counter() - started


def _plan(draft: Draft) -> UpscaleStage | None:
    """To `final` where the picture is smaller. Raises `InvalidRequest` where nothing enlarges it, or not as far."""
    base, final, model = draft.size, draft.final, draft.model
    if final.width <= base.width:
        return None
    if model.upscaler is None:
        raise InvalidRequest(f"{model.id} draws up to {base} and has no upscaler for {final}", "size")
    upscaler = draft.installation.catalog.upscalers[model.upscaler]
    passes = math.ceil(math.log(final.width / base.width, upscaler.scale) - 1e-9)
    if passes > _MAX_PASSES:
        raise InvalidRequest(f"{final} is more than {upscaler.scale**_MAX_PASSES} times what {model.id} draws", "size")
    factors = [upscaler.scale ** (done + 1) for done in range(passes)]
    outputs = [Size(width=base.width * factor, height=base.height * factor) for factor in factors]
    per_megapixel = draft.speeds.seconds(_work(upscaler.id), upscaler.seconds_per_megapixel)
    placements = draft.installation.profile.upscalers
    return UpscaleStage(
        deployment=next(placement.name for placement in placements if placement.upscaler == upscaler.id),
        upscaler=upscaler.id,
        scale=upscaler.scale,
        passes=passes,
        size=outputs[-1],
        estimated_seconds=per_megapixel * sum(output.pixels for output in outputs) / _MEGAPIXEL,
    )


def _work(upscaler: str) -> str:
    return f"upscale {upscaler}"


def _message(stage: UpscaleStage, _: Work) -> UpscaleRequest:
    return UpscaleRequest(stage.passes)


def _learned(stage: UpscaleStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(_work(stage.upscaler), done.seconds * _MEGAPIXEL / stage.size.pixels),)


def _licence_parts(stage: UpscaleStage, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    return ((stage.upscaler, part) for part in catalog.upscalers[stage.upscaler].licence_parts)


def _deployments(installation: Installation) -> tuple[Deployment, ...]:
    upscalers = installation.catalog.upscalers
    return tuple(
        Deployment(placement.name, Upscaler, (upscalers[placement.upscaler],), placement.replicas)
        for placement in installation.profile.upscalers
    )


def _notes(stage: UpscaleStage, draft: Draft) -> tuple[tuple[str, str], ...]:
    times = stage.scale**stage.passes
    resized = "" if stage.size == draft.final else f", then resized to {draft.final}"
    said = f"{draft.model.id} draws {draft.size}; {stage.upscaler} enlarges it {times} times to {stage.size}{resized}"
    return (("enlarged", said),)


UPSCALE = StageKind(
    name="upscale",
    label="enlarging",
    stage=UpscaleStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"to {stage.size} with {stage.upscaler}",
    learned=_learned,
    licence_parts=_licence_parts,
    deployments=_deployments,
    notes=_notes,
)

"""Finish: a picture in, files out, each at its final size with its recipe inside. CPU only, no torch."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from PIL import Image, ImageOps

from configs.catalog import Installation
from configs.errors import AtelierError, StageError
from configs.schema import Format, Size
from deployments.exchange import KEPT, Exchange, Received
from deployments.messages import Composite, Done, FinishedFile, Picture, Recipe
from deployments.stages.composite import composite
from deployments.stages.kind import Deployment, Draft, Learned, Stage, StageKind, Work
from deployments.stages.raster import write_png, write_webp

log = logging.getLogger(__name__)

MEDIA_TYPES: dict[Format, str] = {"png": "image/png", "webp": "image/webp", "svg": "image/svg+xml"}

FINISHER = "finisher"
_GUESSES: dict[Format, float] = {"png": 0.1, "webp": 0.25, "svg": 1.2}
"""Seconds per megapixel, until measured."""
_MEGAPIXEL = 1_000_000


class FinishStage(Stage):
    """Bring to the final size and write the files."""

    kind: Literal["finish"] = "finish"
    size: Size
    formats: tuple[Format, ...]


@dataclass(frozen=True, slots=True)
class FinishRequest:
    """Bring a picture to its final size (pixels), lay it over what it keeps, if anything, and write it in each format,
    with its recipe inside."""

    method: ClassVar[str] = "finish"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    width: int
    height: int
    formats: tuple[Format, ...]
    recipe: Recipe
    composite: Composite | None = None


class Finisher:
    """Writes files on threads of its own: encoders release the interpreter while they work."""

    def __init__(self, exchange: Exchange = KEPT, threads: int = 2) -> None:
        """`exchange` gets the pictures that requests refer to."""
        self._received = Received(exchange.get)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="finisher")

    async def finish(self, picture: Picture, request: FinishRequest) -> Done:
        """Bring a picture to its final size and write each format asked for.

        What cannot be delivered, such as an SVG of a picture that is not flat, is left out and explained in `notes`;
        a picture of which nothing could be delivered comes as PNG.
        Raises StageError if the picture itself cannot be written.
        """
        whole = replace(request, composite=await self._received.composite(request.composite))
        return await asyncio.get_running_loop().run_in_executor(self._threads, _finish, picture, whole)

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Let the files being written be finished, and begin no others."""
        self._threads.shutdown(cancel_futures=True)


def _finish(picture: Picture, request: FinishRequest) -> Done:
    started = time.perf_counter()
    try:
        source = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        final = _resize(source, request.width, request.height)
        if request.composite is not None:
            source = final = composite(final, request.composite)
        files: list[FinishedFile] = []
        notes: list[str] = []
        for kind in request.formats:
            try:
                data = _write(kind, source, final, request)
            except StageError as error:
                notes.append(error.message)
            else:
                files.append(FinishedFile(kind, MEDIA_TYPES[kind], data))
        if not files:
            notes.append("delivered as PNG instead")
            files.append(FinishedFile("png", MEDIA_TYPES["png"], write_png(final, request.recipe)))
    except AtelierError:
        raise
    except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
        log.exception("a picture could not be written")
        raise StageError(f"the picture could not be written as a file ({type(error).__name__})") from None
    return Done(time.perf_counter() - started, files=tuple(files), notes=tuple(notes))


def _resize(image: Image.Image, width: int, height: int) -> Image.Image:
    """Exactly width × height; another aspect ratio is cropped around the centre, never squeezed."""
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)


def _write(kind: Format, source: Image.Image, final: Image.Image, request: FinishRequest) -> bytes:
    if kind == "png":
        return write_png(final, request.recipe)
    if kind == "webp":
        return write_webp(final, request.recipe)
    from deployments.stages.vector import write_svg  # the tracer, which only a replica needs

    # Traced before resizing, when there may be more to see.
    return write_svg(source, request.recipe, request.width, request.height)


def _plan(draft: Draft) -> FinishStage:
    guess = sum(_GUESSES[format] for format in draft.formats)
    per_megapixel = draft.speeds.seconds(_work(draft.formats), guess)
    return FinishStage(
        deployment=FINISHER,
        size=draft.final,
        formats=draft.formats,
        estimated_seconds=per_megapixel * draft.final.pixels / _MEGAPIXEL,
    )


def _work(formats: tuple[Format, ...]) -> str:
    return " ".join(["finish", *sorted(formats)])


def _message(stage: FinishStage, work: Work) -> FinishRequest:
    return FinishRequest(stage.size.width, stage.size.height, stage.formats, work.recipe, work.inputs.composite)


def _learned(stage: FinishStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(_work(stage.formats), done.seconds * _MEGAPIXEL / stage.size.pixels),)


def _deployments(installation: Installation) -> tuple[Deployment, ...]:
    return (Deployment(FINISHER, Finisher, (), installation.profile.finisher),)


FINISH = StageKind(
    name="finish",
    label="writing files",
    stage=FinishStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"{stage.size} as {', '.join(stage.formats)}",
    learned=_learned,
    deployments=_deployments,
)

"""The finisher replica: a picture in, files out, each at its final size with its recipe inside. CPU only, no torch."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from PIL import Image, ImageOps

from configs.errors import AtelierError, StageError
from configs.schema import Format
from deployments.handover import Received, TakeOver, keep
from deployments.messages import Finished, FinishedFile, FinishRequest, Picture
from deployments.stages.raster import write_png, write_webp
from deployments.stages.underlay import lay_over
from deployments.stages.vector import write_svg

log = logging.getLogger(__name__)

MEDIA_TYPES: dict[Format, str] = {"png": "image/png", "webp": "image/webp", "svg": "image/svg+xml"}


class Finisher:
    """Writes files on threads of its own: encoders release the interpreter while they work."""

    def __init__(self, threads: int = 2, take_over: TakeOver = keep) -> None:
        """`take_over` gets the pictures that requests refer to."""
        self._received = Received(take_over)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="finisher")

    async def finish(self, picture: Picture, request: FinishRequest) -> Finished:
        """Bring a picture to its final size and write each format asked for.

        What cannot be delivered, such as an SVG of a picture that is not flat, is left out and explained in `notes`;
        a picture of which nothing could be delivered comes as PNG.
        Raises StageError if the picture itself cannot be written.
        """
        whole = replace(request, underlay=await self._received.underlay(request.underlay))
        return await asyncio.get_running_loop().run_in_executor(self._threads, _finish, picture, whole)

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Let the files being written be finished, and begin no others."""
        self._threads.shutdown(cancel_futures=True)


def _finish(picture: Picture, request: FinishRequest) -> Finished:
    started = time.perf_counter()
    try:
        source = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        final = _resize(source, request.width, request.height)
        if request.underlay is not None:
            source = final = lay_over(final, request.underlay)
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
    return Finished(tuple(files), tuple(notes), time.perf_counter() - started)


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
    # Traced before resizing, when there may be more to see.
    return write_svg(source, request.recipe, request.width, request.height)

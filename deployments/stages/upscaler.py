"""What enlarges pictures: replicas with a network, whose torch is imported when one is made, and one without."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image

from configs.errors import AtelierError, StageError
from configs.schema import UpscalerConfig
from deployments.exchange import KEPT, Exchange
from deployments.messages import Done, Picture
from deployments.stages.linear import resize

log = logging.getLogger(__name__)

# Per picture of output; beyond this the browser and the finisher are in trouble too.
MAX_PIXELS = 8192 * 8192


@dataclass(frozen=True, slots=True)
class UpscaleRequest:
    """Enlarge a picture by the network's scale, `passes` times, to `width` × `height` exactly; 0: as it comes."""

    method: ClassVar[str] = "upscale"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    passes: int
    width: int = 0
    height: int = 0


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
        """Enlarge by the network's scale, as often as the request says; what is larger than asked for is made smaller
        in linear light.

        Canceling the awaiting task stops the work after the tile being drawn. Raises StageError if the result would
        be too large, or the network fails on this picture.
        """
        sizes = pass_sizes(picture.width, picture.height, self._scale, request)
        if not sizes or max(width * height for width, height in sizes) * self._scale**2 > MAX_PIXELS:
            times = self._scale**request.passes
            raise StageError(f"a picture of {picture.width}x{picture.height} cannot be enlarged {times} times")
        unwanted = threading.Event()
        loop = asyncio.get_running_loop()
        try:
            larger, seconds = await loop.run_in_executor(self._thread, self._enlarge, picture, request, unwanted)
        finally:
            unwanted.set()
        reference = await asyncio.to_thread(self._put, larger)
        return Done(seconds, reference)

    def check_health(self) -> None:
        """Nothing here can break without the process; a request that fails is answered with its error."""

    def close(self) -> None:
        """Finish the picture being enlarged, and begin no others."""
        self._thread.shutdown(cancel_futures=True)

    def _enlarge(self, picture: Picture, request: UpscaleRequest, unwanted: threading.Event) -> tuple[Picture, float]:
        started = time.perf_counter()
        try:
            for width, height in pass_sizes(picture.width, picture.height, self._scale, request):
                picture = self._enlarger.enlarge(resized(picture, width, height), unwanted)
            picture = resized(picture, request.width or picture.width, request.height or picture.height)
        except AtelierError:
            raise
        except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
            log.exception("a picture could not be enlarged")
            raise StageError(f"the upscaler failed on this picture ({type(error).__name__})") from None
        return picture, time.perf_counter() - started


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Exactly `width` × `height`, in linear light."""
    if (picture.width, picture.height) == (width, height):
        return picture
    image = resize(Image.frombytes("RGB", (picture.width, picture.height), picture.rgb), width, height)
    return Picture(width, height, image.tobytes())


def pass_sizes(width: int, height: int, scale: int, request: UpscaleRequest) -> list[tuple[int, int]]:
    """What a network of `scale` is given in each pass, beginning with a picture of `width` × `height`.

    It is what the pass before made, unless that would become more than can be held: then the pass begins no larger
    than it must to end at the size asked for.
    """
    sizes: list[tuple[int, int]] = []
    for passed in range(request.passes):
        if passed and request.width and width * height * scale**2 > MAX_PIXELS:
            left = scale ** (request.passes - passed)
            width, height = min(width, -(-request.width // left)), min(height, -(-request.height // left))
        sizes.append((width, height))
        width, height = width * scale, height * scale
    return sizes


class Lanczos:
    """Enlarges by interpolation alone: always there, soft, and to any size in one pass."""

    def __init__(self, exchange: Exchange = KEPT) -> None:
        self._put = exchange.put
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lanczos")

    async def upscale(self, picture: Picture, request: UpscaleRequest) -> Done:
        """Bring to the size of the request. Raises StageError if that would be too large."""
        if not 0 < request.width * request.height <= MAX_PIXELS:
            raise StageError(f"a picture cannot be enlarged to {request.width}x{request.height}")
        loop = asyncio.get_running_loop()
        larger, seconds = await loop.run_in_executor(self._thread, _interpolate, picture, request)
        return Done(seconds, await asyncio.to_thread(self._put, larger))

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Finish the picture being enlarged, and begin no others."""
        self._thread.shutdown(cancel_futures=True)


def _interpolate(picture: Picture, request: UpscaleRequest) -> tuple[Picture, float]:
    started = time.perf_counter()
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    larger = image.resize((request.width, request.height), Image.Resampling.LANCZOS)
    return Picture(request.width, request.height, larger.tobytes()), time.perf_counter() - started

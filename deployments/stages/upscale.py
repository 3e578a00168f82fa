"""The upscaler replica: a picture in, the same picture larger out. torch is imported when one is made, not before."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from configs.errors import AtelierError, StageError
from configs.schema import UpscalerConfig
from deployments.handover import HandOver, keep
from deployments.messages import Picture, Upscaled

log = logging.getLogger(__name__)

# Per picture of output; beyond this the browser and the finisher are in trouble too.
MAX_PIXELS = 8192 * 8192


class Upscaler:
    """One super-resolution network, loaded. Pictures are enlarged one at a time, on a thread of its own."""

    def __init__(self, config: UpscalerConfig, hand_over: HandOver = keep) -> None:
        """Load the network. Raises ConfigError for weights that cannot be used."""
        from deployments.stages.enlarge import load_enlarger

        self._scale = config.scale
        self._hand_over = hand_over
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"upscaler {config.id}")
        self._enlarger = self._thread.submit(load_enlarger, config).result()

    async def upscale(self, picture: Picture, passes: int) -> Upscaled:
        """Enlarge by the network's scale, `passes` times.

        Canceling the awaiting task stops the work after the tile being drawn. Raises StageError if the result would
        be too large, or the network fails on this picture.
        """
        factor = self._scale**passes
        if passes < 1 or picture.width * picture.height * factor**2 > MAX_PIXELS:
            raise StageError(f"a picture of {picture.width}x{picture.height} cannot be enlarged {factor} times")
        unwanted = threading.Event()
        loop = asyncio.get_running_loop()
        try:
            larger, seconds = await loop.run_in_executor(self._thread, self._enlarge, picture, passes, unwanted)
        finally:
            unwanted.set()
        reference = await asyncio.to_thread(self._hand_over, larger)
        return Upscaled(reference, larger.width, larger.height, seconds)

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

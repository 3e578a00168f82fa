"""The replica that has a captioner: it reads a picture's file from the store, and says what the picture shows."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PIL import Image

from configs.captioners import CaptionerConfig
from configs.catalog import Installation
from configs.datasets import LONGEST_CAPTION
from configs.errors import AtelierError, DamagedFile, NotFound, StageError
from configs.text import one_line
from deployments.captions import Captioned, CaptionRequest
from deployments.exchange import Exchange
from deployments.messages import Picture
from deployments.stages.kind import Deployment

if TYPE_CHECKING:
    from deployments.captioners.table import Loaded

log = logging.getLogger(__name__)
_FORMATS = ("PNG", "WEBP", "AVIF", "JPEG")
_LARGEST_SIDE = 1024  # pixels: no captioner sees more


class CaptionReplica:
    """One captioner, loaded. Pictures are captioned one at a time, on a thread of its own."""

    def __init__(self, config: CaptionerConfig, exchange: Exchange) -> None:
        """Load the captioner. Raises `ConfigError` for weights that cannot be used."""
        from deployments.captioners.table import load_captioner

        self._files = exchange.open_files()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"captioner {config.id}")
        self._loaded: Loaded = self._thread.submit(load_captioner, config).result()

    async def caption(self, request: CaptionRequest) -> Captioned:
        """What the picture shows. Raises `StageError` for a file that is gone, or is no picture."""
        try:
            file = await self._files.blobs.get(request.sha256)
        except (NotFound, DamagedFile) as error:
            raise StageError(f"a picture cannot be captioned: {error.message}") from None
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, file, request)

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Finish the picture being captioned, and begin no others."""
        self._thread.shutdown(cancel_futures=True)

    def _write(self, file: bytes, request: CaptionRequest) -> Captioned:
        from deployments.captioners.captioner import Asked

        started = time.perf_counter()
        try:
            asked = Asked(request.instructions, request.glossary)
            said = self._loaded.captioner.caption(open_picture(file), asked)
        except AtelierError:
            raise
        except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
            log.exception("a picture could not be captioned")
            raise StageError(f"this picture could not be captioned ({type(error).__name__})") from None
        text = one_line(said.text, LONGEST_CAPTION)
        return Captioned(text, self._loaded.author, said.unsure, time.perf_counter() - started)


def open_picture(file: bytes) -> Picture:
    """A file's pixels, on white where they are not opaque, no larger than a captioner can see. Raises `StageError`."""
    try:
        with Image.open(io.BytesIO(file), formats=_FORMATS) as image:
            image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
            drawn = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise StageError("a picture cannot be captioned: its file is no picture that can be read") from None
    ground = Image.new("RGBA", drawn.size, "white")
    opaque = Image.alpha_composite(ground, drawn).convert("RGB")
    return Picture(opaque.width, opaque.height, opaque.tobytes())


def captioner_deployments(installation: Installation) -> tuple[Deployment, ...]:
    """A deployment for each captioner that the profile places."""
    captioners = installation.catalog.captioners
    return tuple(
        Deployment(placement.name, CaptionReplica, (captioners[placement.captioner],), placement.replicas)
        for placement in installation.profile.captioners
    )

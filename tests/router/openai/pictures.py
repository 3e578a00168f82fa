"""Pictures as programs bring them and get them, and a painter that shows what it is at."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

from PIL import Image

from deployments.messages import GenerateRequest, StepDone
from tests.studio import PaintedGenerator


@dataclass
class PreviewingGenerator(PaintedGenerator):
    """Sends real previews, in three shades."""

    async def _steps(self, request: GenerateRequest) -> AsyncIterator[StepDone]:
        async for done in super()._steps(request):
            shown = request.previews and done.step in (2, 4, 6)
            yield StepDone(done.step, done.steps, _webp(40 * done.step) if shown else None)


def _webp(shade: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (32, 32), (shade, 0, 0)).save(written, "WEBP")
    return written.getvalue()


def opened(data: str | None) -> Image.Image:
    """The picture in base64."""
    image = Image.open(io.BytesIO(base64.b64decode(data or "")))
    image.load()
    return image


def png(size: tuple[int, int] = (128, 128), colour: str = "navy", format: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, format)
    return written.getvalue()


def mask_with_hole(size: tuple[int, int] = (128, 128), hole: int = 64) -> bytes:
    """As OpenAI's guide makes one: opaque, and transparent where the picture is to be redrawn."""
    image = Image.new("RGBA", size, (255, 255, 255, 255))
    image.paste((0, 0, 0, 0), (0, 0, hole, hole))
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()

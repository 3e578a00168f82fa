"""A generator that a test can hold in the middle of a picture: live events reach only those who watch in time."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from dataclasses import replace

from PIL import Image

from deployments.messages import Done, GenerateRequest, Picture, StepDone, Told
from tests.studio import PaintedGenerator


class HeldGenerator(PaintedGenerator):
    """Paints as its parent does, with previews that a browser can show, and where there is a mask only within it.

    While `held`, no picture gets past step 3, so that a test can look at a job that runs for as long as it needs to.
    """

    held = False

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Told, None]:
        async for message in super().generate(request):
            if isinstance(message, StepDone) and message.step in (2, 3) and request.previews:
                message = StepDone(message.step, message.steps, _webp())
            if isinstance(message, Done) and request.mask is not None:
                message = replace(message, picture=_within(request, message.picture))
            yield message
            while self.held and isinstance(message, StepDone) and message.step == 3:
                await asyncio.sleep(0.1)
                yield message  # again, for a page that came too late for the first


def _within(request: GenerateRequest, painted: Picture) -> Picture:
    """What was painted where the mask is white, and the picture that it began with elsewhere."""
    given: tuple[Picture, ...] = (*(one for one in (request.image, request.mask) if one is not None), painted)
    image, mask, new = (Image.frombytes("RGB", (one.width, one.height), one.rgb) for one in given)
    return Picture(painted.width, painted.height, Image.composite(new, image, mask.convert("L")).tobytes())


def _webp() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(file, "WEBP")
    return file.getvalue()

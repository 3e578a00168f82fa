"""Large pictures do not hold up who serves everybody: the event loop turns while they are decoded, judged and fitted.

What counts is the longest time that it stood still, as a share of the time that the work took: a share says the same on
any machine. Work that ran on the loop itself would have a share of 1.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from configs.inputs import InputImage
from deployments.messages import Picture
from deployments.stages.base import StoredImage
from router.pictures.fitting import fit_inputs
from router.pictures.intake import take_in
from router.pictures.masks import read_marks
from router.pictures.opening import WHITE, lay_on, open_stored
from router.pictures.thumbnails import make_thumbnail
from tests.contract.job_samples import a_plan

pytestmark = pytest.mark.slow

SIDE = 3000
MOST_SHARE = 0.2
KEY = "a" * 64


def large(format: str, holed: bool = False) -> bytes:
    levels = np.random.default_rng(0).integers(0, 255, (SIDE // 8, SIDE // 8, 3), np.uint8)
    image = Image.fromarray(levels).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    if holed:
        image.putalpha(Image.linear_gradient("L").resize((SIDE, SIDE)))
    file = BytesIO()
    image.save(file, format, **({"compress_level": 1} if format == "PNG" else {}))
    return file.getvalue()


@pytest.fixture(scope="module")
def png() -> bytes:
    return large("PNG", holed=True)


async def longest_stop(work: Callable[[], object]) -> float:
    """Of the event loop while `work` is done in a thread, as a share of the time that it takes."""
    stops: list[float] = []
    ticking = asyncio.create_task(_tick(stops))
    await asyncio.sleep(0.05)
    stops.clear()
    began = time.perf_counter()
    await asyncio.to_thread(work)
    took = time.perf_counter() - began
    ticking.cancel()
    return max(stops, default=took) / took


async def _tick(stops: list[float]) -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        stops.append(now - last)
        last = now


def share(work: Callable[[], object]) -> float:
    """The first small one of four tries, else the last: another program may stop the loop, too."""
    for _ in range(4):
        found = asyncio.run(longest_stop(work))
        if found < MOST_SHARE:
            break
    return found


def fitted(file: bytes) -> list[Picture]:
    """A picture with transparent parts to draw over, and the same looked at."""
    stored = StoredImage(picture="pic_a", sha256=KEY, width=SIDE, height=SIDE)
    plan = a_plan()
    inputs = tuple(InputImage(role=role, image=stored) for role in ("image", "mask", "image_prompt"))
    base = plan.base.model_copy(update={"inputs": inputs})
    whole = plan.model_copy(update={"stages": (base, *plan.stages[1:])})
    return [one.image for one in fit_inputs(whole, {KEY: file}).drawing]


@pytest.mark.slow
def test_the_loop_turns_while_a_large_picture_is_taken_in(png: bytes) -> None:
    assert share(lambda: take_in(png, SIDE * SIDE)) < MOST_SHARE


@pytest.mark.slow
def test_the_loop_turns_while_a_large_photograph_is_taken_in() -> None:
    jpeg = large("JPEG")
    assert share(lambda: take_in(jpeg, SIDE * SIDE)) < MOST_SHARE


@pytest.mark.slow
def test_the_loop_turns_while_a_thumbnail_of_a_large_picture_is_made(png: bytes) -> None:
    assert share(lambda: make_thumbnail(png, 256)) < MOST_SHARE


@pytest.mark.slow
def test_the_loop_turns_while_large_pictures_are_fitted(png: bytes) -> None:
    assert share(lambda: fitted(png)) < MOST_SHARE


@pytest.mark.slow
def test_the_loop_turns_while_what_is_transparent_gets_a_ground(png: bytes) -> None:
    opened = open_stored(png)
    assert share(lambda: lay_on(opened, WHITE)) < MOST_SHARE


def test_the_loop_turns_while_a_large_mask_is_read(png: bytes) -> None:
    opened = open_stored(png)
    assert share(lambda: read_marks(opened, opened)) < MOST_SHARE


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_a_ground_is_laid_to_the_last_level_as_in_one_go(mode: str) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (301, 5000, 4), np.uint8)
    image = Image.fromarray(levels, "RGBA").convert(mode)
    whole = Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image.convert("RGBA")).convert("RGB")
    assert lay_on(image, WHITE).tobytes() == whole.tobytes()

"""Colours pulled to a palette: nearer to it in OKLab, never past it, and greys left alone."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits

from deployments.messages import Picture
from deployments.stages.brand_colours import Palette, PaletteRequest, pull_colours
from deployments.stages.oklab import Colours, from_oklab, to_oklab

pytestmark = pytest.mark.anyio
LEVELS = st.tuples(*[st.integers(0, 255)] * 3)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def levels(*colours: tuple[int, int, int]) -> Colours:
    return np.array(colours, np.float32)


def distance(one: Colours, other: Colours) -> float:
    return float(np.linalg.norm(to_oklab(one) - to_oklab(other)))


@given(LEVELS)
def test_oklab_leads_back_to_the_level_that_it_came_from(colour: tuple[int, int, int]) -> None:
    assert np.abs(from_oklab(to_oklab(levels(colour))) - levels(colour)).max() < 0.5


@given(LEVELS, LEVELS, st.floats(0.05, 1.0))
def test_a_colour_goes_its_share_of_the_way_to_the_only_one_of_a_palette(
    colour: tuple[int, int, int], goal: tuple[int, int, int], strength: float
) -> None:
    before = distance(levels(colour), levels(goal))
    after = distance(pull_colours(levels(colour), levels(goal), strength), levels(goal))
    lab = to_oklab(levels(colour))[0]
    if np.hypot(lab[1], lab[2]) < 0.03 <= np.hypot(*to_oklab(levels(goal))[0][1:]):
        assert abs(after - before) < 0.01, "greys stay"
    else:
        assert abs(after - (1 - strength) * before) < 0.01


@limits(max_examples=30)
@given(st.lists(LEVELS, min_size=1, max_size=8, unique=True))
def test_the_colours_of_the_palette_themselves_hardly_move(palette: list[tuple[int, int, int]]) -> None:
    far = [
        one for one in palette if all(one is other or distance(levels(one), levels(other)) > 0.2 for other in palette)
    ]
    for colour in far:
        assert distance(pull_colours(levels(colour), levels(*palette), 1.0), levels(colour)) < 0.02


async def test_a_picture_comes_in_the_colours_of_its_palette() -> None:
    red, white = (200, 40, 60), (255, 255, 255)
    rows = bytes([*red] * 6 + [*white] * 6) * 600
    replica = Palette()
    done = await replica.pull(Picture(12, 600, rows), PaletteRequest(("#d13438", "#0078d4"), 1.0))
    replica.close()
    pixels = np.frombuffer(done.picture.rgb, np.uint8).reshape(600, 12, 3)
    assert np.abs(pixels[:, :6].astype(int) - [0xD1, 0x34, 0x38]).max() <= 2
    assert (pixels[:, 6:] == 255).all(), "paper stays white"
    assert done.seconds > 0

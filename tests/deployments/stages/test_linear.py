"""Light, not levels: what is halved in size is as bright as before, sharpening makes no halos, nothing changes hue."""

from __future__ import annotations

import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from deployments.stages.clear_space import keep_clear
from deployments.stages.linear import resize, sharpen, shrink
from deployments.stages.oklab import Levels, to_linear, to_oklab
from tests.deployments.pictures import icon
from tests.short_form import examples

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3)))


def image(levels: Levels) -> Image.Image:
    return Image.fromarray(levels)


def test_fine_lines_keep_their_light() -> None:
    """Every other row white: a screen further away shows half the light, which is level 188, not 128."""
    lines = np.zeros((64, 64, 3), np.uint8)
    lines[::2] = 255
    assert np.abs(np.asarray(resize(image(lines), 32, 32), np.int16)[4:-4] - 188).max() <= 2


@settings(max_examples=examples(40), deadline=None)
@given(PICTURES, st.integers(1, 20), st.integers(1, 20))
def test_every_size_is_exact_and_one_colour_stays_it(levels: Levels, width: int, height: int) -> None:
    assert resize(image(levels), width, height).size == (width, height)
    plain = np.broadcast_to(levels[:1, :1], levels.shape).copy()
    assert np.abs(np.asarray(resize(image(plain), width, height), np.int16) - levels[0, 0]).max() <= 1


def test_what_is_transparent_lends_no_colour() -> None:
    """A white disc on transparent red: at a fourth of the size its edge is white, and softer."""
    y, x = np.mgrid[:64, :64] - 31.5
    disc = np.hypot(x, y) < 20
    levels = np.where(disc[..., None], [255, 255, 255, 255], [255, 0, 0, 0]).astype(np.uint8)
    small = np.asarray(resize(image(levels), 16, 16))
    seen = small[small[..., 3] > 8]
    assert (seen[:, :3] >= 250).all()
    assert ((small[..., 3] > 0) & (small[..., 3] < 255)).any()


@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_that_becomes_many_times_smaller_is_nearly_as_resized_in_one_go(channels: int) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (16, 24, channels), np.uint8)
    large = image(coarse).resize((1213, 811), Image.Resampling.BICUBIC)
    small, whole = (np.asarray(way(large, 90, 60), np.int16) for way in (shrink, resize))
    seen = slice(None) if channels == 3 else small[..., 3] > 32
    assert small.shape == whole.shape
    assert np.abs(small - whole)[seen].mean() < 2


def test_fine_lines_keep_their_light_when_blocks_are_averaged_first() -> None:
    lines = np.zeros((512, 512, 3), np.uint8)
    lines[::2] = 255
    assert np.abs(np.asarray(shrink(image(lines), 32, 32), np.int16) - 188).max() <= 2


@settings(max_examples=examples(40), deadline=None)
@given(PICTURES, st.floats(0, 2))
def test_sharpening_goes_no_further_than_what_is_near_and_keeps_hues(levels: Levels, amount: float) -> None:
    before, after = to_linear(levels), to_linear(np.asarray(sharpen(image(levels), amount)))
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark, light = before @ weights, after @ weights
    assert light.max() <= dark.max() + 0.01
    assert light.min() >= dark.min() - 0.01
    bright = (dark > 0.05) & (light > 0.05)
    share_before = before[bright] / before[bright].sum(axis=-1, keepdims=True)
    share_after = after[bright] / after[bright].sum(axis=-1, keepdims=True)
    assert np.abs(share_before - share_after).max(initial=0) < 0.03  # rounding to levels


def test_sharpening_makes_edges_steeper_and_leaves_areas_alone() -> None:
    picture = icon(128)
    soft = resize(resize(Image.frombytes("RGB", (128, 128), picture.rgb), 48, 48), 128, 128)
    sharp = sharpen(soft, 1.0)
    steps = [np.abs(np.diff(to_oklab(np.asarray(one))[..., 0], axis=1)) for one in (soft, sharp)]
    assert (steps[1] ** 2).sum() > 1.15 * (steps[0] ** 2).sum()
    assert sharpen(soft, 0) is soft
    assert np.abs(np.asarray(sharp, np.int16)[:8, :8] - np.asarray(soft, np.int16)[:8, :8]).max() <= 1


@pytest.mark.parametrize(
    ("box", "note"),
    [((40, 40, 60, 60), ""), ((0, 40, 20, 60), "moved to the middle"), ((2, 2, 98, 98), "made 13% smaller")],
)
def test_a_subject_keeps_its_room(box: tuple[int, int, int, int], note: str) -> None:
    picture = Image.new("RGBA", (100, 100))
    picture.paste((200, 30, 40, 255), box)
    spacious, done = keep_clear(picture, 0.1)
    left, top, right, bottom = spacious.getchannel("A").getbbox() or (0, 0, 0, 0)
    room = 0.1 * max(right - left, bottom - top)
    assert min(left, top, 100 - right, 100 - bottom) >= room - 1
    assert note in done
    assert bool(note) == bool(done)
    assert abs((right - left) / (bottom - top) - 1) < 0.05

"""Tiles cover a picture, and what comes of them shows no seams."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from deployments.messages import Picture
from deployments.stages.tiles import Layout, blend, cut, hold, lay_out

Levels = np.ndarray[Any, np.dtype[np.int64]]


def scene(width: int, height: int) -> Picture:
    """Slopes and rings, smooth everywhere."""
    y, x = np.mgrid[0:height, 0:width]
    rings = 128 + 90 * np.sin(np.hypot(x - width / 2, y - height / 2) / 9)
    levels = np.stack([rings, 40 + 170 * x / width, 40 + 170 * y / height], -1)
    return Picture(width, height, levels.round().astype(np.uint8).tobytes())


def levels(picture: Picture) -> Levels:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3).astype(int)


def cut_all(picture: Picture, layout: Layout) -> dict[tuple[int, int], Picture]:
    return {place: cut(picture, *place, layout) for place in layout.places}


@pytest.mark.parametrize(("size", "tile"), list(itertools.product([128, 129, 200, 256, 512, 700], [64, 96, 128])))
def test_tiles_cover_everything_and_share_at_least_a_quarter(size: int, tile: int) -> None:
    starts = lay_out(size, tile, (tile, tile), 0.25).lefts
    assert (starts[0], starts[-1] + tile) == (0, size)
    assert all(before + tile - after >= tile * 0.25 - 1 for before, after in itertools.pairwise(starts))
    assert len(starts) <= -(-(size - tile // 4) // (tile - tile // 4)) + 1


@pytest.mark.parametrize("size", [(128, 128), (200, 131), (512, 300)])
def test_tiles_that_nobody_changed_are_the_picture(size: tuple[int, int]) -> None:
    picture = scene(*size)
    layout = lay_out(*size, (96, 128), 0.25)
    assert blend(cut_all(picture, layout), layout, *size) == picture


def test_the_order_in_which_tiles_come_does_not_count() -> None:
    layout = lay_out(300, 200, (96, 96), 0.25)
    tiles = {place: Picture(96, 96, bytes([i * 7 % 256]) * 96 * 96 * 3) for i, place in enumerate(layout.places)}
    assert blend(tiles, layout, 300, 200) == blend(dict(reversed(tiles.items())), layout, 300, 200)


def steps(picture: Picture, lines: list[int], axis: int) -> tuple[float, float]:
    """The mean change from one line of pixels to the next: at `lines`, and everywhere else."""
    change = np.abs(np.diff(levels(picture), axis=axis)).mean(axis=tuple({0, 1, 2} - {axis}))
    at = np.zeros(len(change), bool)
    at[[line - 1 for line in lines]] = True
    return float(change[at].mean()), float(change[~at].mean())


def test_no_seam_shows_where_tiles_that_differ_meet() -> None:
    """Each tile comes back lighter or darker, as a model would have it. Laid edge to edge they would show."""
    size, tile = 384, 128
    picture, layout = scene(size, size), lay_out(size, size, (tile, tile), 0.25)
    offsets = np.random.default_rng(3).integers(-24, 25, len(layout.places))
    tiles = {
        place: Picture(tile, tile, (levels(cut(picture, *place, layout)) + off).clip(0, 255).astype(np.uint8).tobytes())
        for place, off in zip(layout.places, offsets, strict=True)
    }
    edges = [edge for left in layout.lefts for edge in (left, left + tile) if 0 < edge < size]
    pasted = levels(picture)
    for left, top in layout.places:
        pasted[top : top + tile, left : left + tile] = levels(tiles[left, top])
    hard = Picture(size, size, pasted.astype(np.uint8).tobytes())
    smooth = blend(tiles, layout, size, size)
    held = blend({place: hold(one, cut(picture, *place, layout)) for place, one in tiles.items()}, layout, size, size)
    for axis in (0, 1):
        at, elsewhere = steps(hard, edges, axis)
        assert at > 1.5 * elsewhere
        for without in (smooth, held):
            at, elsewhere = steps(without, edges, axis)
            assert at < 1.1 * elsewhere
    assert np.abs(levels(held) - levels(picture)).max() <= 1 < np.abs(levels(smooth) - levels(picture)).max()


def test_what_is_fine_in_a_redrawn_tile_stays() -> None:
    flat, rng = Picture(96, 128, bytes([120, 90, 60]) * 96 * 128), np.random.default_rng(1)
    noise = rng.integers(-30, 31, (128, 96, 3))
    drawn = Picture(96, 128, (levels(flat) + 40 + noise).astype(np.uint8).tobytes())
    apart = levels(hold(drawn, flat)) - levels(flat)
    assert abs(apart.mean()) < 0.5
    assert np.corrcoef(apart.ravel(), noise.ravel())[0, 1] > 0.98

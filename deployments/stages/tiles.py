"""A picture as overlapping tiles of one size, and back: blended so that no seam shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from deployments.messages import Picture

_ROWS_AT_ONCE = 256
_COARSE = 8  # parts of a tile's shorter side, below which it is free

Weights: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Tiles of `width` × `height` pixels at every pair of `lefts` and `tops`; together they cover a picture."""

    width: int
    height: int
    lefts: tuple[int, ...]
    tops: tuple[int, ...]

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Left and top of each, row by row."""
        return tuple((left, top) for top in self.tops for left in self.lefts)


def lay_out(width: int, height: int, tile: tuple[int, int], overlap: float) -> Layout:
    """As few tiles of the size `tile` as cover `width` × `height`, which is no smaller, where neighbours share at least
    the part `overlap` of a tile; evenly spaced."""
    return Layout(*tile, _starts(width, tile[0], overlap), _starts(height, tile[1], overlap))


def cut(picture: Picture, left: int, top: int, layout: Layout) -> Picture:
    """The tile there."""
    rows = _pixels(picture)[top : top + layout.height, left : left + layout.width]
    return Picture(layout.width, layout.height, rows.tobytes())


def hold(redrawn: Picture, source: Picture) -> Picture:
    """`redrawn` with the coarse light and colour of `source`, the tile that it was: what is larger than an eighth of a
    tile stays, or each tile would settle on a ground of its own."""
    width, height = redrawn.width, redrawn.height
    drawn = _pixels(redrawn).astype(np.float32)
    apart = _pixels(source).astype(np.float32) - drawn
    coarse = (max(width * _COARSE // min(width, height), 1), max(height * _COARSE // min(width, height), 1))
    for colour in range(3):
        small = Image.fromarray(apart[..., colour]).resize(coarse, Image.Resampling.BOX)
        drawn[..., colour] += np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    return Picture(width, height, drawn.round().clip(0, 255).astype(np.uint8).tobytes())


def blend(tiles: Mapping[tuple[int, int], Picture], layout: Layout, width: int, height: int) -> Picture:
    """The picture of `width` × `height` that redrawn `tiles`, by left and top, make. Each goes over into its neighbours
    smoothly, over all that they share; the result does not depend on the order in which they came."""
    across = _shares(width, layout.width, layout.lefts)
    down = _shares(height, layout.height, layout.tops)
    result = np.empty((height, width, 3), np.uint8)
    for first in range(0, height, _ROWS_AT_ONCE):  # so that memory stays near that of the picture
        rows = range(first, min(first + _ROWS_AT_ONCE, height))
        light = np.zeros((len(rows), width, 3), np.float32)
        for j, top in enumerate(layout.tops):
            begin, end = max(rows.start, top), min(rows.stop, top + layout.height)
            if begin >= end:
                continue
            for i, left in enumerate(layout.lefts):
                piece = _pixels(tiles[left, top])[begin - top : end - top]
                share = down[j][begin - top : end - top, None, None] * across[i][None, :, None]
                light[begin - first : end - first, left : left + layout.width] += piece * share
        result[rows.start : rows.stop] = light.round().clip(0, 255).astype(np.uint8)
    return Picture(width, height, result.tobytes())


def _starts(length: int, tile: int, overlap: float) -> tuple[int, ...]:
    if length <= tile:
        return (0,)
    shared = min(math.ceil(tile * overlap), tile - 1)
    count = math.ceil((length - shared) / (tile - shared))
    return tuple(round(k * (length - tile) / (count - 1)) for k in range(count))


def _shares(length: int, tile: int, starts: Sequence[int]) -> list[Weights]:
    """Of each tile along one axis, how much it counts at each of its pixels: all that are there, together 1."""
    raw = [_ramp(tile, k, starts) for k in range(len(starts))]
    total = np.zeros(length, np.float32)
    for start, one in zip(starts, raw, strict=True):
        total[start : start + tile] += one
    return [one / total[start : start + tile] for start, one in zip(starts, raw, strict=True)]


def _ramp(tile: int, k: int, starts: Sequence[int]) -> Weights:
    """Full in the middle, and down to almost nothing at an edge that a neighbour goes beyond, as a cosine does."""
    place = np.arange(tile, dtype=np.float32) + 0.5
    share = np.ones(tile, np.float32)
    if k > 0:
        share *= _rise(place / (starts[k - 1] + tile - starts[k]))
    if k + 1 < len(starts):
        share *= _rise((tile - place) / (starts[k] + tile - starts[k + 1]))
    return share


def _rise(part: np.ndarray[Any, Any]) -> Weights:
    rise: Weights = (0.5 - 0.5 * np.cos(np.pi * part.clip(0, 1))).astype(np.float32)
    return rise


def _pixels(picture: Picture) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)

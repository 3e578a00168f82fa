"""Perceptual hashes: 64 bits of how a picture's coarse light is spread (the usual pHash), without a dependency."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float32]
_SIDE, _KEPT = 32, 8


def perceptual_hash(grey: Array) -> int:
    """Of 32 × 32 levels: a bit for each of the 8 × 8 lowest frequencies, 1 above their median (the mean's left out)."""
    transform = _cosines()
    low = (transform @ grey @ transform.T)[:_KEPT, :_KEPT].ravel()
    bits = low > np.median(low[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def distance(one: int, other: int) -> int:
    """Bits that differ."""
    return (one ^ other).bit_count()


@cache
def _cosines() -> Array:
    """The matrix of the discrete cosine transform (type II), orthonormal."""
    row, column = np.arange(_SIDE)[:, None], np.arange(_SIDE)[None, :]
    matrix = np.cos(np.pi * (2 * column + 1) * row / (2 * _SIDE)) * np.sqrt(2 / _SIDE)
    matrix[0] /= np.sqrt(2)
    cosines: Array = matrix.astype(np.float32)
    return cosines

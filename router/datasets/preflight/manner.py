"""How a picture is made, whatever it shows: which steps its pixels take where they are not flat, how much is flat, in
how many colours. What tells styles apart where no network is here that could."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from router.datasets.preflight.hashing import Array

_STEPS = (0.7, 1.5, 3.0, 6.0, 12.0, 24.0, 256.0)  # from 24 on it is an edge: how strong it is, colours say
_CELL = 24  # levels, in which colours are counted together: 11 each way
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
_PLACES = np.array([121, 11, 1])
_WITHIN = np.array([0.08] * (len(_STEPS) - 1) + [0.5, 0.4], np.float32)
"""How much each figure varies within a style: measured on drawn sets."""


def manner_of(rgb: NDArray[np.uint8]) -> Array:
    """Figures that are about 1 apart within a style: how the sizes of steps between pixels are distributed, how much is
    not flat, and how many colours there are."""
    grey = rgb.astype(np.float32) @ _GREY
    step = np.maximum(np.abs(np.diff(grey, axis=1))[:-1], np.abs(np.diff(grey, axis=0))[:, :-1])
    counted = np.histogram(step, _STEPS)[0]
    shares = np.sqrt(counted / max(counted.sum(), 1))
    cells = np.bincount((rgb // _CELL).reshape(-1, 3).astype(np.int64) @ _PLACES, minlength=1331)
    busy = np.log2(counted.sum() / max(step.size, 1) + 0.002)
    colours = np.log2((cells > 0.002 * grey.size).sum() + 1)
    figures: Array = np.concatenate([shares, [busy, colours]]).astype(np.float32) / _WITHIN
    return figures

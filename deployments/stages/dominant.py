"""The few colours that most of a picture is of, to find it by."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from deployments.stages.oklab import from_oklab, to_oklab

MOST = 6
_SIDE = 64  # pixels that are looked at, each way
_CELL = 0.08  # of OKLab, in which what looks alike is counted together
_CELLS = 1024  # more than OKLab has in any direction
_SHARE = 0.04  # of the picture, below which a colour is a detail
_OPAQUE = 128


def find_dominant(image: Image.Image) -> tuple[str, ...]:
    """At most `MOST` colours as `#rrggbb`, the one of most of it first; what is transparent counts for nothing."""
    small = image.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small.convert("RGBA"), np.uint8).reshape(-1, 4)
    shown = pixels[pixels[:, 3] >= _OPAQUE, :3]
    if not len(shown):
        return ()
    lab = to_oklab(shown)
    cells = np.floor(lab / _CELL).astype(np.int64) + _CELLS // 2
    # One number a cell, in the order of the cells: numpy sorts these ten times as fast as rows.
    _, place, counts = np.unique(cells @ (_CELLS**2, _CELLS, 1), return_inverse=True, return_counts=True)
    most = [cell for cell in np.argsort(-counts, kind="stable")[:MOST] if counts[cell] >= _SHARE * len(shown)]
    sums = np.stack([np.bincount(place, channel) for channel in lab.T], axis=1)
    means = (sums / counts[:, None])[most]
    return tuple(dict.fromkeys(map(_written, from_oklab(means.astype(np.float32)))))


def _written(levels: Any) -> str:
    return "#" + "".join(f"{round(float(level)):02x}" for level in levels.clip(0, 255))

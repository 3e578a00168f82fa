"""The few colours that most of a picture is of, to find it by."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from deployments.stages.oklab import from_oklab, to_oklab

MOST = 6
_SIDE = 64  # pixels that are looked at, each way
_CELL = 0.08  # of OKLab, in which what looks alike is counted together
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
    cells, place, counts = np.unique(
        np.floor(lab / _CELL).astype(np.int16), axis=0, return_inverse=True, return_counts=True
    )
    sums = np.zeros((len(cells), 3))
    np.add.at(sums, place.reshape(-1), lab)
    most = [cell for cell in np.argsort(-counts, kind="stable")[:MOST] if counts[cell] >= _SHARE * len(shown)]
    means = (sums / counts[:, None])[most]
    return tuple(dict.fromkeys(map(_written, from_oklab(means.astype(np.float32)))))


def _written(levels: Any) -> str:
    return "#" + "".join(f"{round(float(level)):02x}" for level in levels.clip(0, 255))

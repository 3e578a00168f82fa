"""How far two thumbnails are apart."""

from __future__ import annotations

import numpy as np

from router.datasets.preflight.look import Look


def apart(one: Look, other: Look, mirrored: bool = False) -> float:
    """Mean levels (0 to 255) by which they differ, apart from how light they are; infinite for other shapes."""
    second = other.thumb[:, ::-1] if mirrored else other.thumb
    if one.thumb.shape != second.shape:
        return float("inf")
    offset = one.thumb - second
    return float(np.abs(offset - offset.mean(axis=(0, 1))).mean())

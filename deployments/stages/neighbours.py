"""What lies around each pixel: the least, or the most, of a square."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

Values = TypeVar("Values", bound=np.ndarray[Any, Any])


def spread(values: Values, radius: int, pick: np.ufunc) -> Values:
    """Of the pixels within `radius` of each, shape [height, width], what `pick` (`np.minimum`, `np.maximum`) picks."""
    for _ in range(radius):
        for axis in (0, 1):
            near = values.copy()
            one, other = near.swapaxes(0, axis), values.swapaxes(0, axis)
            one[1:] = pick(one[1:], other[:-1])
            one[:-1] = pick(one[:-1], other[1:])
            values = near
    return values

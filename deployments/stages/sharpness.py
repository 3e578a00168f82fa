"""How sharp a picture's edges are, whatever it shows and however strong its contrasts."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from deployments.messages import Picture

Light = np.ndarray[Any, np.dtype[np.float32]]

_REACH = 5  # pixels to each side within which an edge goes from its darkest to its lightest
_CONTRAST = 0.12  # of black to white, from which on it is an edge
_FEWEST = 16  # edges, below which nothing can be said


def measure_sharpness(picture: Picture) -> float | None:
    """The share of an edge's contrast that lies between two neighbouring pixels, of the edge in the middle when all are
    sorted by it: 1 where edges are steps, 0.25 where they are ramps of four pixels. None where there are no edges."""
    light = lightness(picture)
    found = np.concatenate([_edges(light), _edges(light.T)])
    return float(np.median(found)) if len(found) >= _FEWEST else None


def lightness(picture: Picture) -> Light:
    """Luma of each pixel, 0 to 1."""
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    return np.asarray(image.convert("L"), np.float32) / np.float32(255)


def _edges(light: Light) -> Light:
    """Of every edge that is crossed along the rows, the share of its steepest step."""
    step = np.abs(np.diff(light, axis=1))
    room = step.shape[1] - 2 * _REACH
    if room < 1:
        return np.empty(0, np.float32)
    contrast = _along(np.maximum, light, 2 * _REACH + 2) - _along(np.minimum, light, 2 * _REACH + 2)
    middle = step[:, _REACH : _REACH + room]
    chosen = (contrast >= _CONTRAST) & (middle >= _along(np.maximum, step, 2 * _REACH + 1)) & (middle > 0)
    shares: Light = (middle[chosen] / contrast[chosen]).astype(np.float32)
    return shares


def _along(choose: np.ufunc, values: Light, width: int) -> Light:
    """The largest or smallest of each `width` neighbours in a row, from windows of half the width: a few passes over
    the picture, one a doubling."""
    done = 1
    while done < width:
        further = min(done, width - done)
        values = choose(values[:, :-further], values[:, further:])
        done += further
    return values

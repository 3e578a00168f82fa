"""Pictures that are parts of others: each, at several sizes, is looked for in all others at once.

Normalised correlation by Fourier transforms over thumbnails, with a second look in colour at the place where it fits:
hashes do not know crops, and a network that would is not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from router.datasets.preflight.hashing import Array
from router.datasets.preflight.look import THUMB, Look

_FIELD = 64  # pixels that a thumbnail lies in, so that nothing comes in again on the other side
_SIZES = (24, 26, 28, 30, 32, 34, 36, 38, 40, 41, 42, 43, 44, 45, 46)
"""Pixels of the longer side of a part, where the whole has `THUMB`: from a half of it to nearly all."""
_LEAST_SPREAD = 6.0  # levels: what is flat is found everywhere
_COLOURS = 12.0  # mean levels that a part differs by, in colour, from where it comes from


@dataclass(frozen=True)
class _Field:
    """All thumbnails in grey, as they are searched: transforms, and sums over any window."""

    grey: Array
    spectrum: np.ndarray
    sums: np.ndarray
    squares: np.ndarray


def find_crops(looks: Sequence[Look], least: float) -> Iterator[tuple[int, int]]:
    """(part, whole) by place, where the correlation is at least `least`; each part once, with the whole that it fits
    best. Takes about two seconds for 50 pictures, and four times that for twice as many."""
    if len(looks) < 2:
        return
    field = _prepare(looks)
    parts: set[int] = set()
    for part, look in enumerate(looks):
        best = max((_best(look, part, side, field, looks) for side in _SIZES), default=None)
        if best is not None and best[0] >= least and best[1] not in parts:
            parts.add(part)
            yield part, best[1]


def _prepare(looks: Sequence[Look]) -> _Field:
    grey = np.zeros((len(looks), _FIELD, _FIELD), np.float32)
    for place, look in enumerate(looks):
        levels = look.thumb.mean(axis=2)
        grey[place, : levels.shape[0], : levels.shape[1]] = levels
    return _Field(grey, np.fft.rfft2(grey), _integral(grey), _integral(grey * grey))


def _integral(levels: Array) -> np.ndarray:
    summed = np.zeros((len(levels), _FIELD + 1, _FIELD + 1))
    summed[:, 1:, 1:] = levels.cumsum(axis=1, dtype=np.float64).cumsum(axis=2)
    return summed


def _best(look: Look, part: int, side: int, field: _Field, looks: Sequence[Look]) -> tuple[float, int]:
    """The correlation where it fits best, and in which one; 0 where colours say otherwise."""
    small = _scaled(look, side)
    grey = small.mean(axis=2)
    spread = float(grey.std())
    if spread < _LEAST_SPREAD:
        return 0.0, part
    high, wide = grey.shape
    template = np.zeros((_FIELD, _FIELD), np.float32)
    template[:high, :wide] = grey - grey.mean()
    products = np.fft.irfft2(field.spectrum * np.conj(np.fft.rfft2(template)), s=(_FIELD, _FIELD))
    fits = _normalised(products, field, high, wide, spread, looks)
    fits[part] = 0.0
    whole, top, left = (int(place) for place in np.unravel_index(int(fits.argmax()), fits.shape))
    there = looks[whole].thumb[top : top + high, left : left + wide]
    if there.shape != small.shape or np.abs(there - small).mean() > _COLOURS:
        return 0.0, part
    return float(fits[whole, top, left]), whole


def _normalised(
    products: np.ndarray, field: _Field, high: int, wide: int, spread: float, looks: Sequence[Look]
) -> np.ndarray:
    """Correlation at each place where the part lies within the whole; 0 where that is flat."""
    rows, columns = _FIELD - high + 1, _FIELD - wide + 1
    count = high * wide
    sums, squares = (
        one[:, high:, wide:] - one[:, :rows, wide:] - one[:, high:, :columns] + one[:, :rows, :columns]
        for one in (field.sums, field.squares)
    )
    variance = np.maximum(squares / count - (sums / count) ** 2, 0)
    fits = products[:, :rows, :columns] / (count * spread * np.sqrt(np.maximum(variance, _LEAST_SPREAD**2)))
    for place, look in enumerate(looks):
        fits[place, max(0, look.thumb.shape[0] - high + 1) :] = 0
        fits[place, :, max(0, look.thumb.shape[1] - wide + 1) :] = 0
    found: np.ndarray = fits
    return found


def _scaled(look: Look, side: int) -> Array:
    scale = side / THUMB
    high, wide = (max(1, round(size * scale)) for size in look.thumb.shape[:2])
    image = Image.fromarray(look.thumb.round().astype(np.uint8))
    return np.asarray(image.resize((wide, high), Image.Resampling.BOX), np.float32)

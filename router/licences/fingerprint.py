"""What a picture looks like, small enough to be kept beside it: a copy that was saved anew, or made smaller, is known
by it. A part of a picture, or one that was turned, is not."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from PIL import Image

from router.pictures.opening import WHITE, lay_on, open_stored

_GREY, _COLOUR = 16, 4  # cells each way
_SIXTEENTHS = 16
TOLERANCE = 2 * _SIXTEENTHS
"""By which the mean of a colour may differ in a copy."""
_PLAIN = 6  # levels between the darkest and the lightest cell, below which it could be anything
_MEAN, _MOST = 2.5, 28  # levels that cells of copies differ by


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Means of red, green and blue in sixteenths of a level, and cells: grey, then colours."""

    red: int
    green: int
    blue: int
    detail: bytes

    @property
    def text(self) -> str:
        """`detail`, as it is stored."""
        return base64.b85encode(self.detail).decode()

    def distance(self, text: str) -> float | None:
        """Mean difference of the cells of another; None where that is no copy, or not of this kind."""
        try:
            other = base64.b85decode(text)
        except ValueError:
            return None
        if len(other) != len(self.detail):
            return None
        differences = [abs(a - b) for a, b in zip(self.detail, other, strict=True)]
        mean = sum(differences) / len(differences)
        return mean if mean <= _MEAN and max(differences) <= _MOST else None


def look_at(file: bytes) -> Fingerprint | None:
    """Of a stored picture; None of one that is too plain to be told from others. Takes tens of milliseconds."""
    image = lay_on(open_stored(file), WHITE)
    grey = image.convert("L").resize((_GREY, _GREY), Image.Resampling.BOX).tobytes()
    if max(grey) - min(grey) < _PLAIN:
        return None
    colours = image.resize((_COLOUR, _COLOUR), Image.Resampling.BOX).tobytes()
    large = image.resize((64, 64), Image.Resampling.BOX).tobytes()
    red, green, blue = (sum(large[channel::3]) * _SIXTEENTHS // (64 * 64) for channel in range(3))
    return Fingerprint(red, green, blue, grey + colours)

"""OKLab, a colour space in which distance is what the eye sees (Björn Ottosson, 2020)."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Colours: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)

_FROM_LAB, _FROM_LMS = np.linalg.inv(_TO_LAB), np.linalg.inv(_TO_LMS)


def to_oklab(srgb: Colours) -> Colours:
    """sRGB levels 0 to 255, shape [..., 3], to lightness (0 to 1), a and b."""
    level = srgb.astype(np.float32) / 255
    bright = np.maximum(level, 0.04045)  # the power has no answer for what is darker than any screen
    linear = np.where(level <= 0.04045, level / 12.92, ((bright + 0.055) / 1.055) ** 2.4)
    lab: Colours = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab.astype(np.float32)


def from_oklab(lab: Colours) -> Colours:
    """The way back, shape [..., 3]: sRGB levels 0 to 255; what no screen shows lies outside."""
    linear = (lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T
    plain = np.sign(linear) * 1.055 * np.abs(linear) ** (1 / 2.4) - np.sign(linear) * 0.055
    level: Colours = np.where(np.abs(linear) <= 0.0031308, linear * 12.92, plain) * 255
    return level.astype(np.float32)

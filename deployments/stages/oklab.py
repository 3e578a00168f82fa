"""OKLab, a colour space in which distance is what the eye sees (Björn Ottosson, 2020), and the way back to what a
screen can show."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Colours: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Levels: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]

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
_SHOWN = 1e-5  # of light outside 0 to 1 that rounding brings back
_HALVINGS = 12  # of the chroma that is left: the last one is less than a level
_STEPS = 65535  # of light in the table of levels, a fortieth of a level where it is darkest


def to_linear(srgb: Colours | Levels) -> Colours:
    """sRGB levels 0 to 255, of any shape, to light, 0 to 1."""
    if srgb.dtype == np.uint8:
        return _LIGHT[srgb]
    level = srgb.astype(np.float32) / 255
    bright = np.maximum(level, 0.04045)  # the power has no answer for what is darker than any screen
    light: Colours = np.where(level <= 0.04045, level / 12.92, ((bright + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


def from_linear(light: Colours) -> Colours:
    """The way back: levels, outside 0 to 255 for light outside 0 to 1."""
    plain = np.sign(light) * 1.055 * np.abs(light) ** (1 / 2.4) - np.sign(light) * 0.055
    level: Colours = np.where(np.abs(light) <= 0.0031308, light * 12.92, plain) * 255
    return level.astype(np.float32)


def to_levels(light: Colours) -> Levels:
    """Light, 0 to 1, as the nearest levels; what is outside is cut off."""
    return _LEVELS[(light.clip(0, 1) * _STEPS + 0.5).astype(np.uint16)]


def to_oklab(srgb: Colours | Levels) -> Colours:
    """sRGB levels 0 to 255, shape [..., 3], to lightness (0 to 1), a and b."""
    lab: Colours = np.cbrt(to_linear(srgb) @ _TO_LMS.T) @ _TO_LAB.T
    return lab.astype(np.float32)


def squared_distance(pixels: Colours, others: Colours) -> Colours:
    """Between colours, shape [..., 3], and others, or one other: the last axis is gone. NumPy's own sum of three
    takes ten times as long."""
    apart = (pixels - others) ** 2
    squares: Colours = apart[..., 0] + (apart[..., 1] + apart[..., 2])
    return squares


def from_oklab(lab: Colours) -> Colours:
    """The way back, shape [..., 3]: sRGB levels 0 to 255; what no screen shows lies outside."""
    return from_linear(_light_of(lab))


def fit_to_srgb(lab: Colours) -> Levels:
    """sRGB levels, shape [..., 3], of the nearest colours of the same lightness and hue that a screen can show: as much
    less chroma as it takes."""
    flat = lab.reshape(-1, 3)
    light = _light_of(flat)
    outside = np.flatnonzero(_hidden(light))
    if outside.size:
        light[outside] = _less_chroma(flat[outside])
    return to_levels(light).reshape(lab.shape)


def _less_chroma(lab: Colours) -> Colours:
    """Greys between black and white can be shown, so that halving finds the chroma between one and the colour asked:
    light is a cubic of its share."""
    grey = lab[:, :1].clip(0, 1) * _FROM_LAB[:, 0]
    chroma = lab[:, 1:] @ _FROM_LAB[:, 1:].T
    powers = (grey**2 * grey, 3 * grey**2 * chroma, 3 * grey * chroma**2, chroma**2 * chroma)
    c0, c1, c2, c3 = (power @ _FROM_LMS.T for power in powers)
    least, half = np.zeros((len(lab), 1), np.float32), 1.0
    for _ in range(_HALVINGS):
        half /= 2
        share = least + half
        hidden = _hidden(c0 + share * (c1 + share * (c2 + share * c3)))
        least = np.where(hidden[:, None], least, share)
    light: Colours = c0 + least * (c1 + least * (c2 + least * c3))
    return light


def _light_of(lab: Colours) -> Colours:
    roots = lab @ _FROM_LAB.T
    light: Colours = roots * roots * roots @ _FROM_LMS.T
    return light


def _hidden(light: Colours) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(((light < -_SHOWN) | (light > 1 + _SHOWN)).any(axis=-1), np.bool_)


_LIGHT: Colours = to_linear(np.arange(256, dtype=np.float32))
"""The light of each level."""
_LEVELS: Levels = from_linear(np.linspace(0, 1, _STEPS + 1, dtype=np.float32)).round().astype(np.uint8)
"""The level of each step of light."""

"""How alike two pictures are in what they show and where: the structure of their lightness, as a thumbnail shows it."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from PIL import Image, ImageOps

from deployments.messages import Picture
from deployments.stages.oklab import to_oklab

Plane: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]

SIDE = 64
"""Pixels of the longer side: composition is left, and detail, which a better quality is to change, is not."""
_WINDOW = 1.5  # the Gaussian's deviation in pixels, and its constants: Wang et al. 2004, with lightness from 0 to 1
_STEADY = (0.01**2, 0.03**2)
_REACH = 5


def measure_likeness(picture: Picture, like: Picture) -> float:
    """Structural similarity (SSIM) of the lightness that the eye sees (OKLab): 1 for the same picture, below half
    for one that has nothing to do with it. A place counts by how much either picture has there, so that two icons are
    not alike for the white around them. `like` is cropped around its centre to the picture's shape."""
    scale = SIDE / max(picture.width, picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    one, other = _lightness(picture, size), _lightness(like, size)
    mean_one, mean_other = _blur(one), _blur(other)
    spread = _blur(one * one) - mean_one**2, _blur(other * other) - mean_other**2
    shared = _blur(one * other) - mean_one * mean_other
    means = (2 * mean_one * mean_other + _STEADY[0]) / (mean_one**2 + mean_other**2 + _STEADY[0])
    structure = (2 * shared + _STEADY[1]) / (spread[0] + spread[1] + _STEADY[1])
    weights = np.maximum(*spread).clip(0) + _STEADY[1]
    return round(float(np.clip(np.average(means * structure, weights=weights), 0, 1)), 4)


def _lightness(picture: Picture, size: tuple[int, int]) -> Plane:
    """[height, width]; what is transparent is white."""
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    if picture.alpha:
        alpha = Image.frombytes("L", image.size, picture.alpha)
        image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
    small = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    lightness: Plane = to_oklab(np.asarray(small))[..., 0]
    return lightness


def _blur(plane: Plane) -> Plane:
    """By a Gaussian, each axis in turn; beyond its edges a plane is its own mirror image."""
    places = np.arange(-_REACH, _REACH + 1)
    weights = np.exp(-(places**2) / (2 * _WINDOW**2)).astype(np.float32)
    weights /= weights.sum()
    for axis in (0, 1):
        padded = np.pad(plane, [(_REACH, _REACH) if axis == one else (0, 0) for one in (0, 1)], "symmetric")
        views = np.lib.stride_tricks.sliding_window_view(padded, len(weights), axis)
        plane = (views @ weights).astype(np.float32)
    return plane

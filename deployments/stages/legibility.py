"""Whether a picture can still be read when it is as small as an icon in a list: how much of its structure, and of its
contrast, is left at 16, 24 and 32 pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PIL import Image
from scipy import ndimage

from deployments.stages.linear import resize
from deployments.stages.oklab import Colours, to_oklab

SIZES = (16, 24, 32)
"""Pixels of the longer side."""

_SIDE = 128  # what is compared: the picture itself, and the small one enlarged again
_WINDOW = 4.0  # the Gaussian's deviation in pixels at that side: an edge may be soft, what lies between two may not go
_CONTRAST = 0.3  # OKLab distance from the ground from which a subject has all the contrast that it needs
_STEADY = 1e-4  # of variances: what nobody sees


def measure_legibility(image: Image.Image, sizes: Iterable[int] = SIZES) -> dict[int, float]:
    """By size (pixels of the longer side), how legible the picture is when it is made so small: 0 to 1. A transparent
    ground is taken for white or black, whichever the picture is read better on."""
    grounds = ((255, 255, 255), (0, 0, 0)) if image.mode == "RGBA" else ((255, 255, 255),)
    seen = [(_Reference(one), partial(resize, one)) for one in (_laid_on(image, ground) for ground in grounds)]
    return {size: max(full.judge(at, size) for full, at in seen) for size in sizes}


def measure_drawing(rasterise: Callable[[int, int], Image.Image], width: int, height: int) -> dict[int, float]:
    """The same of a drawing of that shape that is rendered at each size, and not resized."""
    scale = _SIDE / max(width, height)
    full = _Reference(rasterise(max(1, round(width * scale)), max(1, round(height * scale))))
    return {size: full.judge(rasterise, size) for size in SIZES}


class _Reference:
    """A picture that small ones are held against."""

    def __init__(self, image: Image.Image) -> None:
        self._fitted = partial(_fitted, image)
        colours = to_oklab(np.asarray(resize(image, *self._fitted(_SIDE))))
        self._planes = [colours[..., axis] for axis in range(3)]
        self._means = [_blur(plane) for plane in self._planes]
        self._spreads = [
            (_blur(plane * plane) - mean**2).clip(0) for plane, mean in zip(self._planes, self._means, strict=True)
        ]
        self._varies = np.sum(self._spreads, axis=0)

    def judge(self, at: Callable[[int, int], Image.Image], size: int) -> float:
        """Structure times contrast.

        Structure is the share of what varies in the full picture, over lightness and both axes of colour, that the
        small one has at the same place: the contrast-structure term of SSIM, each place weighted by how much varies
        there. What is even all over has none.
        """
        if self._varies.max() < _STEADY:
            return 0.0
        small = to_oklab(np.asarray(at(*self._fitted(size))))
        enlarged = _enlarged(small, self._varies.shape)
        shared, both = np.zeros_like(self._varies), np.zeros_like(self._varies)
        for axis, (one, mean, spread) in enumerate(zip(self._planes, self._means, self._spreads, strict=True)):
            other = enlarged[..., axis]
            mean_other = _blur(other)
            both += spread + (_blur(other * other) - mean_other**2).clip(0)
            shared += _blur(one * other) - mean * mean_other
        kept = ((2 * shared + _STEADY) / (both + _STEADY)).clip(0, 1)
        structure = float(np.average(kept, weights=np.sqrt(self._varies)))
        return round(structure * min(1.0, _contrast(small) / _CONTRAST), 4)


def _contrast(small: Colours) -> float:
    """How far from the ground that part of the picture is which stands out most, a twentieth of all."""
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    distance = np.linalg.norm(small - np.median(border, axis=0), axis=-1)
    return float(np.quantile(distance, 0.95))


def _fitted(image: Image.Image, side: int) -> tuple[int, int]:
    scale = side / max(image.size)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _enlarged(small: Colours, shape: tuple[int, ...]) -> Colours:
    """As a screen shows it to somebody who looks closely: without steps."""
    planes = [
        np.asarray(Image.fromarray(small[..., axis]).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))
        for axis in range(3)
    ]
    return np.stack(planes, axis=-1)


def _blur(plane: Colours) -> Colours:
    blurred: Colours = ndimage.gaussian_filter(plane, _WINDOW)
    return blurred


def _laid_on(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, (*ground, 255)), image).convert("RGB")

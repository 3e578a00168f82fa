"""What cutting a subject out leaves, and how the colours of its edges are freed of the ground they were mixed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from PIL import Image
from scipy import ndimage

from deployments.stages.oklab import Colours, Levels

Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

_ALIKE = 24.0  # sRGB levels between subject and ground below which no mix of them can be told


@dataclass(frozen=True, slots=True)
class Cut:
    """A subject without its ground: colours [h, w, 3] as they are where nothing lies behind, and plain alpha [h, w]."""

    rgb: Levels
    alpha: Levels


class Cutter(Protocol):
    """Tells a picture's subject from its ground."""

    def cut(self, image: Image.Image) -> Cut | str:
        """The subject; or why there is none that can be cut out, to follow "not cut out: "."""
        ...


def unmix(pixels: Colours, subject: Colours, ground: Colours, otherwise: Colours) -> Colours:
    """How much of each pixel is subject, 0 to 1, where `pixels` (sRGB levels [..., 3]) are a mix of both in levels, as
    renderers and resizing mix them; `otherwise` where the two are too much alike to tell."""
    way = subject - ground
    squares = (way**2).sum(axis=-1)
    share = ((pixels - ground) * way).sum(axis=-1) / np.maximum(squares, 1.0)
    told: Colours = np.where(squares < _ALIKE**2, otherwise, share.clip(0, 1)).astype(np.float32)
    return told


def nearest(pixels: Colours, sure: Mask) -> Colours:
    """Of each pixel, the colour of the nearest one that is `sure`; some must be."""
    places = ndimage.distance_transform_edt(~sure, return_distances=False, return_indices=True)
    found: Colours = pixels[tuple(places)]
    return found


def finish(alpha: Colours, subject: Colours) -> Cut:
    """`subject` is the colour of each pixel without the ground, wherever there is any of it."""
    return Cut(subject.round().clip(0, 255).astype(np.uint8), (alpha * 255).round().clip(0, 255).astype(np.uint8))

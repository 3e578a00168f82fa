"""One picture, looked at once: everything that the checks of a whole set compare. Pure, about 50 ms at 1024 × 1024."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from router.datasets.preflight.blemishes import blockiness, edge_share
from router.datasets.preflight.hashing import Array, perceptual_hash
from router.datasets.preflight.manner import manner_of

THUMB = 48
"""Pixels of the longer side of a thumbnail."""
CORNER = (24, 48)
"""Rows and columns of a corner that is looked at for marks, after it was scaled."""
_CORNER_SHARE = (0.16, 0.32)
_LOOKED_AT = 1024
_HUES = 36


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """`width` and `height` are the file's. `thumb` is RGB, 0 to 255, its longer side `THUMB` pixels; `corners` are four
    patches without their coarse light (top left, top right, bottom left, bottom right); `ground` is the border's middle
    colour and `ground_share` how much of the border is of it; `hues` is how much of the picture has each hue."""

    width: int
    height: int
    transparent: bool
    hash: int
    mirrored: int
    thumb: Array
    edge: float
    blocks: float
    corners: Array
    ground: tuple[int, int, int]
    ground_share: float
    manner: Array
    hues: Array


def look_at(image: Image.Image) -> Look:
    """`image` as it is stored, RGB or RGBA; what is transparent is white."""
    rgb = _on_white(image)
    small = _at_most(rgb, _LOOKED_AT)
    grey32 = np.asarray(small.convert("L").resize((32, 32), Image.Resampling.BOX), np.float32)
    grey = np.asarray(small.convert("L"), np.float32)
    ground, share = _ground(small)
    return Look(
        width=image.width,
        height=image.height,
        transparent=image.mode == "RGBA",
        hash=perceptual_hash(grey32),
        mirrored=perceptual_hash(grey32[:, ::-1]),
        thumb=np.asarray(_at_most(rgb, THUMB, Image.Resampling.BOX), np.float32),
        edge=edge_share(grey),
        blocks=blockiness(np.asarray(_middle(rgb).convert("L"), np.float32)),
        corners=_corners(small.convert("L")),
        ground=ground,
        ground_share=share,
        manner=manner_of(np.asarray(_at_most(rgb, 256, Image.Resampling.BOX), np.uint8)),
        hues=_hues(rgb),
    )


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _at_most(image: Image.Image, side: int, filter: Image.Resampling = Image.Resampling.LANCZOS) -> Image.Image:
    """Never enlarged, but for thumbnails of tiny pictures, which all have one size."""
    scale = side / max(image.size)
    if scale >= 1 and filter is Image.Resampling.LANCZOS:
        return image
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), filter)


def _middle(image: Image.Image) -> Image.Image:
    """The middle at its own size, cut where a file's blocks of 8 begin."""
    left, top = ((max(0, size - _LOOKED_AT) // 2) // 8 * 8 for size in image.size)
    return image.crop((left, top, min(left + _LOOKED_AT, image.width), min(top + _LOOKED_AT, image.height)))


def _corners(grey: Image.Image) -> Array:
    """Four patches, each less the light around each of its pixels."""
    high, wide = max(1, round(grey.height * _CORNER_SHARE[0])), max(1, round(grey.width * _CORNER_SHARE[1]))
    rows, columns = CORNER
    places = ((0, 0), (grey.width - wide, 0), (0, grey.height - high), (grey.width - wide, grey.height - high))
    patches = []
    for left, top in places:
        patch = grey.crop((left, top, left + wide, top + high)).resize((columns, rows), Image.Resampling.BOX)
        levels = np.asarray(patch, np.float32)
        patches.append(levels - _smoothed(levels))
    return np.stack(patches)


def _smoothed(levels: Array) -> Array:
    """The mean of 5 × 5 around each."""
    padded = np.pad(levels, 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5))
    smooth: Array = windows.mean(axis=(2, 3), dtype=np.float32)
    return smooth


def _ground(image: Image.Image) -> tuple[tuple[int, int, int], float]:
    """Of the outermost twentieth."""
    pixels = np.asarray(image.resize((64, 64), Image.Resampling.BOX), np.int16)
    border = np.concatenate([pixels[:3].reshape(-1, 3), pixels[-3:].reshape(-1, 3), pixels[3:-3, :3].reshape(-1, 3)])
    border = np.concatenate([border, pixels[3:-3, -3:].reshape(-1, 3)])
    middle = np.median(border, axis=0)
    near = np.abs(border - middle).max(axis=1) <= 16
    red, green, blue = (round(float(level)) for level in middle)
    return (red, green, blue), float(near.mean())


def _hues(image: Image.Image) -> Array:
    """Shares of the picture by hue, ten degrees each; what has no colour counts for none."""
    hsv: NDArray[np.uint8] = np.asarray(image.resize((96, 96), Image.Resampling.BOX).convert("HSV"))
    colourful = (hsv[..., 1] > 30) & (hsv[..., 2] > 40)
    counted = np.bincount(hsv[..., 0][colourful].astype(np.int64) * _HUES // 256, minlength=_HUES)
    shares: Array = (counted / hsv[..., 0].size).astype(np.float32)
    return shares

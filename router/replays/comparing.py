"""Two pictures, pixel by pixel. Takes a moment of a processor: call it in a thread."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from router.pictures.opening import open_stored
from router.replays.receipt import PixelDifference

_ROWS = 256  # at once, so that a large picture takes little memory


def compare(then: bytes, now: bytes) -> tuple[bool, PixelDifference | None]:
    """Two files of the blob store: whether they show the same, and else by how much not, where they are of one size.

    Where only one of them has transparency, the other is opaque. PSNR is 10 log10 (255² / MSE), in dB.
    """
    if then == now:
        return True, None
    one, other = open_stored(then), open_stored(now)
    if one.size != other.size:
        return False, None
    mode = "RGBA" if "RGBA" in (one.mode, other.mode) else "RGB"
    return _measure(one.convert(mode), other.convert(mode))


def _measure(one: Image.Image, other: Image.Image) -> tuple[bool, PixelDifference | None]:
    width, height = one.size
    squares, largest, pixels = 0, 0, 0
    for top in range(0, height, _ROWS):
        box = (0, top, width, min(top + _ROWS, height))
        apart = np.abs(np.asarray(one.crop(box), np.int32) - np.asarray(other.crop(box), np.int32))
        squares += int(np.sum(apart * apart, dtype=np.int64))
        largest = max(largest, int(apart.max()))
        pixels += int(np.count_nonzero(apart.any(axis=2)))
    if not largest:
        return True, None
    mean = squares / (width * height * len(one.getbands()))
    psnr = round(10 * math.log10(255**2 / mean), 2)
    return False, PixelDifference(psnr=psnr, largest=largest, share=pixels / (width * height))

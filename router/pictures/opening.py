"""Stored pictures as pixels: what is transparent in them has a ground."""

from __future__ import annotations

import io
from typing import TypeAlias

from PIL import Image, ImageOps

from configs.schema import Size

Ground: TypeAlias = tuple[int, int, int, int]
WHITE: Ground = (255, 255, 255, 255)
BLACK: Ground = (0, 0, 0, 255)
_STRIP = 2**18
"""Pixels: a few milliseconds of work."""


def open_stored(file: bytes) -> Image.Image:
    """A PNG or WebP of the blob store, RGBA where it may be transparent and RGB where it is not."""
    with Image.open(io.BytesIO(file), formats=("PNG", "WEBP", "AVIF", "JPEG")) as image:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")


def lay_on(image: Image.Image, ground: Ground) -> Image.Image:
    """RGB pixels, those that are transparent on `ground`.

    In strips: Pillow keeps the interpreter to itself until `alpha_composite` is done, which takes a second of a large
    picture, and whoever serves others in this process would stand still meanwhile.
    """
    if image.mode != "RGBA":
        return image.convert("RGB")
    laid, rows = Image.new("RGB", image.size), max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        laid.paste(Image.alpha_composite(Image.new("RGBA", strip.size, ground), strip).convert("RGB"), (0, top))
    return laid


def cover(image: Image.Image, size: Size, filter: Image.Resampling = Image.Resampling.LANCZOS) -> Image.Image:
    """In `size`, cropped around its centre where it has another shape."""
    target = (size.width, size.height)
    return image if image.size == target else ImageOps.fit(image, target, filter)


def cover_mask(mask: Image.Image, size: Size) -> Image.Image:
    """A mask in `size`, as `cover` does it, without levels that it did not have."""
    return cover(mask, size, Image.Resampling.NEAREST)

"""Stored pictures as pixels: what is transparent in them has a ground."""

from __future__ import annotations

import io
from typing import TypeAlias

from PIL import Image, ImageOps

from configs.schema import Size

Ground: TypeAlias = tuple[int, int, int, int]
WHITE: Ground = (255, 255, 255, 255)
BLACK: Ground = (0, 0, 0, 255)


def open_stored(file: bytes) -> Image.Image:
    """A PNG or WebP of the blob store, RGBA where it may be transparent and RGB where it is not."""
    with Image.open(io.BytesIO(file), formats=("PNG", "WEBP")) as image:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")


def lay_on(image: Image.Image, ground: Ground) -> Image.Image:
    """RGB pixels, those that are transparent on `ground`."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("RGB")


def cover(image: Image.Image, size: Size, filter: Image.Resampling = Image.Resampling.LANCZOS) -> Image.Image:
    """In `size`, cropped around its centre where it has another shape."""
    target = (size.width, size.height)
    return image if image.size == target else ImageOps.fit(image, target, filter)


def cover_mask(mask: Image.Image, size: Size) -> Image.Image:
    """A mask in `size`, as `cover` does it, without levels that it did not have."""
    return cover(mask, size, Image.Resampling.NEAREST)

"""What an inpainted picture keeps, put back: a model redraws even that a little, and enlarging it blurs it."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter

from configs.errors import StageError
from deployments.messages import Composite, Picture

_SEAM = 1 / 256
"""How far inside the mask the drawn part fades in, in widths of the picture."""


def composite(drawn: Image.Image, composite: Composite) -> Image.Image:
    """`drawn` where the mask is white and what lies under it, to the last bit, where it is black.

    Raises StageError for pictures of different sizes.
    """
    kept, mask = _open(composite.image), _open(composite.mask).convert("L")
    if not drawn.size == kept.size == mask.size:
        raise StageError(f"the picture {drawn.size}, what it keeps {kept.size} and the mask {mask.size} differ in size")
    soft = mask.filter(ImageFilter.GaussianBlur(max(1.0, drawn.width * _SEAM)))
    return Image.composite(drawn, kept, ImageChops.darker(mask, soft))


def _open(picture: Picture) -> Image.Image:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)

"""What an inpainted picture keeps, put back: a model redraws even that a little, and enlarging it blurs it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFilter

from configs.errors import StageError
from configs.inputs import InputImage, image_of
from deployments.messages import Picture

_SEAM = 1 / 256
"""How far inside the mask the drawn part fades in, in widths of the picture."""


def composite(drawn: Image.Image, inputs: Sequence[InputImage[Picture]]) -> Image.Image:
    """`drawn` where the mask of `inputs` is white and their image, to the last bit, where it is black.

    Raises StageError for pictures of different sizes.
    """
    image, mask = image_of(inputs, "image"), image_of(inputs, "mask")
    if image is None or mask is None:
        return drawn
    return _over(drawn, _open(image), _open(mask).convert("L"))


def _over(drawn: Image.Image, kept: Image.Image, mask: Image.Image) -> Image.Image:
    if not drawn.size == kept.size == mask.size:
        raise StageError(f"the picture {drawn.size}, what it keeps {kept.size} and the mask {mask.size} differ in size")
    soft = mask.filter(ImageFilter.GaussianBlur(max(1.0, drawn.width * _SEAM)))
    return Image.composite(drawn, kept, ImageChops.darker(mask, soft))


def _open(picture: Picture) -> Image.Image:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)

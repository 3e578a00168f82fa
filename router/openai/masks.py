"""OpenAI's masks as ours: there, where a mask is transparent the picture is redrawn; here, where it is white."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from configs.errors import AtelierError, InvalidRequest
from router.pictures.intake import take_in

_HOW = "make the part transparent that is to be redrawn (alpha 0)"


def whiten_mask(mask: bytes, image: bytes, most_pixels: int) -> bytes:
    """A PNG that is white where `mask` is transparent, and black elsewhere. Both are files as they came; it takes
    seconds of a CPU for large ones. Raises `InvalidRequest` and `TooLarge`."""
    try:
        upright = take_in(mask, most_pixels)
    except AtelierError as error:
        raise type(error)(f"mask: {error.message}", "mask") from None
    with Image.open(io.BytesIO(upright.png), formats=("PNG",)) as opened:
        if opened.mode != "RGBA":
            raise InvalidRequest(f"the mask has no transparent part, so that it marks nothing: {_HOW}", "mask")
        levels = ImageOps.invert(opened.getchannel("A"))
    beneath = take_in(image, most_pixels)
    if (upright.width, upright.height) != (beneath.width, beneath.height):
        raise InvalidRequest(
            f"the mask is {upright.width}x{upright.height} and the picture {beneath.width}x{beneath.height}: "
            "give a mask of the picture's size",
            "mask",
        )
    written = io.BytesIO()
    levels.save(written, "PNG", compress_level=3)
    return written.getvalue()

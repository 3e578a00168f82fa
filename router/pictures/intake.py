"""From a file that somebody sent to a PNG that can be trusted: verified, upright, in sRGB, without metadata."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from configs.errors import AtelierError, InvalidRequest, TooLarge

FORMATS = ("PNG", "JPEG", "WEBP")
_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")  # grey levels of 16 bits
_FAST = 3  # of PNG's levels: a photograph of 12 megapixels in a second, 10 % larger than at the usual 6


@dataclass(frozen=True, slots=True)
class Upright:
    """A picture as it is kept: `png` has RGB pixels, or RGBA where some are transparent."""

    png: bytes
    width: int
    height: int


def take_in(file: bytes, most_pixels: int) -> Upright:
    """The first and only picture of a PNG, JPEG or WebP file, decoded in full and written anew.

    Its orientation is applied, its colours are brought to sRGB, and everything else that it carries is left behind.
    Takes seconds of a CPU for large pictures: not for an event loop. Raises `InvalidRequest` and `TooLarge`.
    """
    try:
        with _open(file, most_pixels) as image:
            image.verify()
        with _open(file, most_pixels) as image:  # verifying has used the first one up
            image.load()
            pixels = _to_srgb(ImageOps.exif_transpose(image))
    except AtelierError:
        raise
    except Exception:  # noqa: BLE001 - whatever a decoder raises over a stranger's bytes, they are no picture
        raise InvalidRequest(
            "this file is not a whole PNG, JPEG or WebP picture: save it anew as one of these and send that", "file"
        ) from None
    written = io.BytesIO()
    pixels.save(written, "PNG", compress_level=_FAST)
    return Upright(written.getvalue(), pixels.width, pixels.height)


def _open(file: bytes, most_pixels: int) -> Image.Image:
    """The file's header, judged before a pixel is decoded."""
    try:
        image = Image.open(io.BytesIO(file), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_many(most_pixels) from None
    if image.width * image.height > most_pixels:
        raise _too_many(most_pixels)
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise InvalidRequest("this file is an animation: send one picture of it", "file")
    return image


def _too_many(most: int) -> TooLarge:
    return TooLarge(f"the picture has more than {most / 1e6:g} megapixels: make it smaller and send it again", "file")


def _to_srgb(image: Image.Image) -> Image.Image:
    """New pixels, which carry nothing but themselves."""
    profile = image.info.get("icc_profile")
    if image.mode in _DEEP:
        image = image.convert("I").point(lambda level: level / 257).convert("L")
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    plain = _by_profile(image, profile) if profile else image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        plain.putalpha(alpha)
    plain.info.clear()
    return plain


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """In sRGB, from the colours that the file's profile means; a profile that cannot be read means none."""
    source = image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(source, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return source.convert("RGB")
    return source.convert("RGB") if converted is None else converted

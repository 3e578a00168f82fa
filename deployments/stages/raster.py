"""PNG and WebP files, each with the recipe and the mark of a machine-made picture inside."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

from PIL import Image, ImageCms

from deployments.messages import Recipe
from deployments.stages import xmp
from deployments.stages.recipe import PNG_KEY, to_json, to_parameters

_SIGNATURE_AND_HEADER = 8 + 25
_PERCEPTUAL = b"\x00"


def write_png(image: Image.Image, recipe: Recipe) -> bytes:
    """Lossless. The text stands before the pixels, where readers find it without decoding them.

    Optimisers such as oxipng make drawn pictures 5 to 8 % smaller in ten times the time: not worth a queue.
    """
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=6)
    plain = file.getvalue()
    recipe_json = to_json(recipe)
    chunks = (
        _chunk(b"sRGB", _PERCEPTUAL),
        _text(PNG_KEY, recipe_json),
        _text("parameters", to_parameters(recipe)),
        _text("XML:com.adobe.xmp", xmp.to_packet(recipe, recipe_json)),
    )
    return plain[:_SIGNATURE_AND_HEADER] + b"".join(chunks) + plain[_SIGNATURE_AND_HEADER:]


def write_webp(image: Image.Image, recipe: Recipe) -> bytes:
    """Lossy at quality 90, with an sRGB profile."""
    file = io.BytesIO()
    packet = xmp.to_packet(recipe, to_json(recipe)).encode()
    image.save(file, "WEBP", quality=90, xmp=packet, icc_profile=_srgb())
    return file.getvalue()


def _text(key: str, text: str) -> bytes:
    """An uncompressed iTXt chunk: UTF-8, and searchable by tools that do not parse PNG."""
    return _chunk(b"iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

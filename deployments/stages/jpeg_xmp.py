"""XMP in JPEG files, whose segments hold 64 KB: what is longer goes on in further ones, as part 3 of the XMP
specification says (1.1.3)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable

from deployments.messages import Recipe
from deployments.stages import xmp

_MAIN = b"http://ns.adobe.com/xap/1.0/\0"
_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_LONGEST = 65533  # bytes in one segment
_PART = 65000
_MOST = 1 << 22  # bytes that a reader puts together


def insert(jpeg: bytes, recipe: Recipe, recipe_json: str) -> bytes:
    """The file with the packet of `recipe` in it, where readers look for it: behind its first segments."""
    packet = xmp.to_packet(recipe, recipe_json).encode()
    if len(_MAIN + packet) <= _LONGEST:
        segments = _segment(_MAIN + packet)
    else:
        more = xmp.to_extension(recipe_json).encode()
        digest = hashlib.md5(more, usedforsecurity=False).hexdigest().upper()
        segments = _segment(_MAIN + xmp.to_packet(recipe, "", extension=digest).encode())
        for start in range(0, len(more), _PART):
            place = digest.encode() + struct.pack(">II", len(more), start)
            segments += _segment(_MORE + place + more[start : start + _PART])
    start = _after_headers(jpeg)
    return jpeg[:start] + segments + jpeg[start:]


def join_extension(segments: Iterable[tuple[str, bytes]]) -> str:
    """What goes on in further segments of a file, given as Pillow has them; empty where nothing does."""
    head = len(_MORE) + 40
    parts = {
        struct.unpack(">I", data[head - 4 : head])[0]: data[head:]
        for name, data in segments
        if name == "APP1" and data.startswith(_MORE) and len(data) > head
    }
    joined = b"".join(parts[start] for start in sorted(parts))
    return joined.decode("utf-8") if len(joined) <= _MOST else ""


def _segment(data: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def _after_headers(jpeg: bytes) -> int:
    """Behind the start of the image, and what JFIF and EXIF want first."""
    start = 2
    for marker, begin in ((b"\xff\xe0", b"JFIF\0"), (b"\xff\xe1", b"Exif\0")):
        if jpeg.startswith(marker, start) and jpeg.startswith(begin, start + 4):
            start += 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big")
    return start

"""Whether a picture's file goes to its end: each format says itself where that is, and decoders may not mind."""

from __future__ import annotations

from collections.abc import Callable

_STUFFED = frozenset([0x00, *range(0xD0, 0xD8)])  # what may follow FF within a JPEG's scan: nothing, and restarts
_ALONE = frozenset([0x01, *range(0xD0, 0xD8)])  # markers of no length


def is_whole(file: bytes, format: str) -> bool:
    """Whether `file` (JPEG, WebP, GIF or AVIF) has an end; what follows that is nobody's business."""
    return _ENDS[format](file)


def _jpeg(file: bytes) -> bool:
    """Whether the first picture has its end mark: a thumbnail's, in a segment, and those behind it do not count."""
    at = 2
    while at + 2 <= len(file):
        kind = file[at + 1]
        if file[at] != 0xFF:
            return True  # rubbish between segments: damaged, perhaps, and not cut off
        if kind == 0xD9:
            return True
        if kind == 0xFF:
            at += 1
        elif kind in _ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(file[at + 2 : at + 4], "big")
            at = _after_scan(file, at) if kind == 0xDA else at
    return False


def _after_scan(file: bytes, at: int) -> int:
    """Where the next marker stands."""
    while True:
        at = file.find(b"\xff", at)
        if at < 0 or at + 1 >= len(file):
            return len(file)
        if file[at + 1] not in _STUFFED:
            return at
        at += 2


def _webp(file: bytes) -> bool:
    return 8 + int.from_bytes(file[4:8], "little") <= len(file)


def _avif(file: bytes) -> bool:
    """Boxes one after another, the last of which may reach to the end, whatever that is."""
    at = 0
    while at < len(file):
        size = int.from_bytes(file[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(file[at + 8 : at + 16], "big")
        if size == 0:
            return True
        if size < 8 or at + 8 > len(file):
            return False
        at += size
    return at == len(file)


def _gif(file: bytes) -> bool:
    """Blocks up to the trailer."""
    at = 13 + _colours(file, 10)
    while at < len(file):
        kind = file[at]
        if kind == 0x3B:
            return True
        if kind == 0x2C:
            at = _after_blocks(file, at + 11 + _colours(file, at + 9))
        elif kind == 0x21:
            at = _after_blocks(file, at + 2)
        else:
            return True  # rubbish: damaged, perhaps, and not cut off
    return False


def _colours(file: bytes, at: int) -> int:
    """Bytes of the colour table that the flags at `at` promise."""
    flags = file[at] if at < len(file) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(file: bytes, at: int) -> int:
    while at < len(file) and file[at]:
        at += 1 + file[at]
    return at + 1


_ENDS: dict[str, Callable[[bytes], bool]] = {"JPEG": _jpeg, "WebP": _webp, "AVIF": _avif, "GIF": _gif}

"""Text of how a picture was made, in EXIF: where JPEG, WebP and AVIF files of AUTOMATIC1111 have it, and readers look
for it."""

from __future__ import annotations

import struct

_EXIF_IFD, _USER_COMMENT = 0x8769, 0x9286
_LONG, _UNDEFINED = 4, 7  # types of values
_UNICODE = b"UNICODE\0"
_HEADER = b"Exif\0\0"
_LONGEST = 65533  # bytes of a JPEG's segment, header included
_BEHIND_IFDS = 8 + 2 * (2 + 12 + 4)  # the header of TIFF, and two directories of one entry


def write_comment(text: str) -> bytes:
    """An EXIF block whose one entry is the comment `text`, in UTF-16, both big-endian; with the header that JPEG wants.
    Empty where it would not fit into the segment of a JPEG."""
    comment = _UNICODE + text.encode("utf-16-be", "replace")
    tiff = struct.pack(">2sHI", b"MM", 42, 8)
    tiff += _directory(_EXIF_IFD, _LONG, 1, 8 + 2 + 12 + 4)
    tiff += _directory(_USER_COMMENT, _UNDEFINED, len(comment), _BEHIND_IFDS)
    block = _HEADER + tiff + comment
    return block if len(block) <= _LONGEST else b""


def _directory(tag: int, type: int, count: int, value: int) -> bytes:
    """Of one entry, and the last of its chain."""
    return struct.pack(">HHHIII", 1, tag, type, count, value, 0)

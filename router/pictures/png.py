"""A PNG file without what is not needed to see it: texts and profiles of any size are no reason to refuse a picture,
and none to unpack what a stranger packed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SEEN = frozenset([b"tRNS", b"eXIf"])  # of the chunks that may be missing: transparency, and which way is up
_XMP = b"XML:com.adobe.xmp\0\0"  # uncompressed: it may say which way is up, too
_MOST_METADATA = 1 << 20
_MOST_PROFILE = 16 << 20  # bytes unpacked: those of displays and printers have up to 4 MB


class BreaksOff(ValueError):
    """The file ends before its last chunk does."""


@dataclass(frozen=True, slots=True)
class PlainPng:
    """`file` has the chunks that say what is to be seen of the first picture; `profile` is its ICC profile, if it has
    one that can be unpacked; `frames` how many pictures it says to have."""

    file: bytes
    profile: bytes | None
    frames: int


@dataclass(frozen=True, slots=True)
class _Chunk:
    """`whole` has its length, kind, data and checksum."""

    kind: bytes
    data: bytes
    whole: bytes

    @property
    def needed(self) -> bool:
        """Whether a picture cannot be seen without it: the case of its first letter says so."""
        return not self.kind[0] & 0x20

    @property
    def sound(self) -> bool:
        return self.whole[-4:] == struct.pack(">I", zlib.crc32(self.kind + self.data))

    @property
    def matters(self) -> bool:
        """Whether something of what is to be seen depends on it."""
        told = self.kind in _SEEN or (self.kind == b"iTXt" and self.data.startswith(_XMP))
        return told and len(self.data) <= _MOST_METADATA


def read_plain(file: bytes) -> PlainPng:
    """What is needed of a PNG file. Chunks without which it can be seen are left out where they are damaged, as in
    browsers. Raises `BreaksOff`."""
    kept, profile, frames = [SIGNATURE], None, 1
    for chunk in _chunks(file):
        if chunk.needed or (chunk.matters and chunk.sound):
            kept.append(chunk.whole)
        elif chunk.kind == b"iCCP" and chunk.sound:
            profile = _unpack(chunk.data)
        elif chunk.kind == b"acTL" and chunk.sound:
            frames = int.from_bytes(chunk.data[:4], "big")
    return PlainPng(b"".join(kept), profile, frames)


def _chunks(file: bytes) -> Iterator[_Chunk]:
    """Up to the one that ends the picture."""
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        length, kind = int.from_bytes(file[at : at + 4], "big"), file[at + 4 : at + 8]
        whole = file[at : at + 12 + length]
        if len(whole) < 12 + length:
            raise BreaksOff
        yield _Chunk(kind, whole[8:-4], whole)
        at += len(whole)


def _unpack(chunk: bytes) -> bytes | None:
    """The profile of an iCCP chunk: a name, a zero, the method (0), and what zlib packed."""
    _, _, packed = chunk.partition(b"\0")
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed[1:], _MOST_PROFILE)
    except zlib.error:
        return None
    return profile if unpacking.eof else None

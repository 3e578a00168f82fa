"""Where PNG, JPEG, WebP and AVIF files carry their manifest: the spans of bytes that are credentials and nothing else.
Walked by lengths alone, so that a file of a stranger costs one pass and no decoder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

Carrier: TypeAlias = Literal["png", "jpeg", "webp", "avif"]
"""The formats that are signed."""

MANIFEST_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The UUID of the box that C2PA has in files of ISO's base media format (C2PA 2.2, A.5)."""
_PNG = b"\x89PNG\r\n\x1a\n"
MOST_SPANS = 4096
"""Of a file; what is behind them is not looked at. In JPEG a manifest of 64 MB needs fewer than half as many."""
_SCAN = 0xDA  # after it a JPEG file has pixels
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers of JPEG without a length
_BRANDS = (b"avif", b"avis")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `end` of a file, of which the part from `content` on is (a part of) a manifest store. `store`
    tells one store from another where a file has several."""

    start: int
    content: int
    end: int
    store: int = 0


def carrier_of(file: bytes | bytearray) -> Carrier | None:
    """Which of the formats a file is of, by how it begins; None for any other."""
    if file.startswith(_PNG):
        return "png"
    if file.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if file[:4] == b"RIFF" and file[8:12] == b"WEBP":
        return "webp"
    return "avif" if file[4:8] == b"ftyp" and file[8:12] in _BRANDS else None


def find_spans(file: bytes | bytearray) -> tuple[Span, ...]:
    """Where its manifests are, in order; nothing of a format that is not signed, nothing behind where it breaks off,
    and `MOST_SPANS` at most."""
    carrier = carrier_of(file)
    return () if carrier is None else tuple(islice(_WALKS[carrier](bytes(file)), MOST_SPANS))


def find_stores(file: bytes) -> tuple[bytes, ...]:
    """The manifest stores of a file, as they were before its format cut them to pieces. One that is whole has one."""
    stores: dict[int, bytearray] = {}
    for span in find_spans(file):
        stores.setdefault(span.store, bytearray()).extend(file[span.content : span.end])
    return tuple(map(bytes, stores.values()))


def boxes(file: bytes | bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Of ISO's base media format: each box between two bytes, as its type, its start, where its content begins, and its
    end."""
    while start + 8 <= end:
        length, kind, content = int.from_bytes(file[start : start + 4], "big"), file[start + 4 : start + 8], start + 8
        if length == 1:
            length, content = int.from_bytes(file[start + 8 : start + 16], "big"), start + 16
        stop = end if length == 0 else start + length
        if stop < content or stop > end:
            return
        yield bytes(kind), start, content, stop
        start = stop


def _in_png(file: bytes) -> Iterator[Span]:
    for number, (kind, start, content, end) in enumerate(_chunks(file)):
        if kind == b"caBX":
            yield Span(start, content, end - 4, number)  # a checksum follows


def _chunks(file: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    start = len(_PNG)
    while start + 12 <= len(file):
        end = start + 12 + int.from_bytes(file[start : start + 4], "big")
        if end > len(file):
            return
        yield file[start + 4 : start + 8], start, start + 8, end
        start = end


def _in_jpeg(file: bytes) -> Iterator[Span]:
    """A store goes on in as many segments as it needs: each repeats the head of the box, which the first one counts."""
    start = 2
    while start + 4 <= len(file) and file[start] == 0xFF and file[start + 1] != _SCAN:
        if file[start + 1] in _ALONE:
            start += 2
            continue
        end = start + 2 + int.from_bytes(file[start + 2 : start + 4], "big")
        if end > len(file):
            return
        head = file[start + 4 : start + 20]
        if file[start + 1] == 0xEB and head[:2] == b"JP" and head[12:16] == b"jumb":
            box, number = int.from_bytes(head[2:4], "big"), int.from_bytes(head[4:8], "big")
            yield Span(start, start + (12 if number == 1 else 20), end, box)
        start = end


def _in_webp(file: bytes) -> Iterator[Span]:
    start = 12
    while start + 8 <= len(file):
        length = int.from_bytes(file[start + 4 : start + 8], "little")
        end = start + 8 + length
        if end > len(file):
            return
        if file[start : start + 4] == b"C2PA":
            yield Span(start, start + 8, end, start)
        start = end + length % 2


def _in_avif(file: bytes) -> Iterator[Span]:
    for kind, start, content, end in boxes(file, 0, len(file)):
        if kind == b"uuid" and file[content : content + 16] == MANIFEST_BOX:
            # A version, a purpose that ends with a zero, and a place in the file of 8 bytes.
            purpose = file.find(b"\0", content + 20, end)
            if purpose >= 0 and file[content + 20 : purpose] == b"manifest":
                yield Span(start, purpose + 9, end, start)


_WALKS = {"png": _in_png, "jpeg": _in_jpeg, "webp": _in_webp, "avif": _in_avif}

"""A file as it was before it was signed, to the byte: what two drawings of the same request have in common, since each
signature has salts and numbers of its own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate

from deployments.provenance.containers import Span, boxes, carrier_of, find_spans

_CHECKSUM = 4  # bytes behind a chunk of PNG


def unsigned(file: bytes) -> bytes:
    """`file` without its content credentials: pixels, text and XMP are untouched. A file without any, and one of a
    format that is not signed, comes back as it is."""
    carrier, kept, at = carrier_of(file), bytearray(), 0
    spans = find_spans(file)
    if not spans:
        return file
    behind = _CHECKSUM if carrier == "png" else 0
    for span in spans:
        kept += file[at : span.start]
        at = span.end + behind
        if carrier == "webp":
            at += (span.end - span.content) % 2
    kept += file[at:]
    if carrier == "webp":
        kept[4:8] = (len(kept) - 8).to_bytes(4, "little")
    if carrier == "avif":
        _move(kept, spans)
    return bytes(kept)


def _move(file: bytearray, spans: Sequence[Span]) -> None:
    """Items of an AVIF file lie as much further in front now as the spans that were before them had bytes. In one
    pass: a stranger's file may have thousands of spans, and of items."""
    starts = [span.start for span in spans]
    gone = [0, *accumulate(span.end - span.start for span in spans)]

    def moved(place: int) -> int:
        return max(0, place - gone[bisect_left(starts, place)])  # less is of a file that points into its manifest

    for kind, _, content, end in boxes(file, 0, len(file)):
        if kind == b"meta":
            for inner, _, begin, stop in boxes(file, content + 4, end):
                if inner == b"iloc":
                    _move_items(file, begin, stop, moved)


def _move_items(file: bytearray, at: int, end: int, moved: Callable[[int], int]) -> None:
    """The box `iloc` (ISO 14496-12, 8.11.3): where each item is, in extents."""
    version, sizes = int.from_bytes(file[at : at + 1], "big"), int.from_bytes(file[at + 4 : at + 6], "big")
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size, wide = (sizes & 15 if version else 0), (4 if version == 2 else 2)
    items, at = int.from_bytes(file[at + 6 : at + 6 + wide], "big"), at + 6 + wide
    for _ in range(items):
        if at >= end:
            return
        at += wide
        in_file = True
        if version:
            in_file, at = int.from_bytes(file[at : at + 2], "big") & 15 == 0, at + 2
        at += 2
        base = int.from_bytes(file[at : at + base_size], "big")
        if in_file and at + base_size <= end:
            file[at : at + base_size] = moved(base).to_bytes(base_size, "big")
        at += base_size
        extents, at = int.from_bytes(file[at : at + 2], "big"), at + 2
        if not index_size + offset_size + length_size:  # of a stranger's file: extents without a place
            continue
        for _ in range(extents):
            if at >= end:
                return
            at += index_size
            offset = int.from_bytes(file[at : at + offset_size], "big")
            if in_file and base == 0 and at + offset_size <= end:
                file[at : at + offset_size] = moved(offset).to_bytes(offset_size, "big")
            at += offset_size + length_size

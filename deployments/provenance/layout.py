"""Where a file's signature is and what it signs, so that another can be put in its place.

The library reserves 10 kB of a file for a signature that it does not make itself, and cannot be told to take less. So
such a file is laid out with a key that was made for that, and its signature alone is replaced: what is signed (COSE's
Sig_structure: RFC 9052, 4.4) does not name the key, and the signature of a key of the same kind has the same length.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from configs.errors import StageError
from deployments.provenance.containers import boxes, carrier_of, find_spans

_CLAIMS = ("c2pa.claim.v2", "c2pa.claim")
_SIGNATURE = "c2pa.signature"
_LABEL = 17  # bytes of a description box before its label: a UUID and what is there (ISO 19566-5, A.3)
_BEGINS = b"\xd2\x84"  # of COSE_Sign1: the tag 18, and an array of four
_CONTEXT = b"\x84\x6aSignature1"  # of what is signed: an array of four, and its first text


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file's signature signs, the signature, and where in the manifest store it begins."""

    signed: bytes
    signature: bytes
    at: int


def find_layout(file: bytes, length: int) -> Layout:
    """Of a file that was just signed, with a signature of `length` bytes. Raises `StageError` for one that is laid out
    in another way than C2PA 2.2 has it."""
    store = b"".join(file[span.content : span.end] for span in find_spans(file))
    parts = _parts(store)
    claim = next((store[slice(*parts[label])] for label in _CLAIMS if label in parts), b"")
    begin, end = parts.get(_SIGNATURE, (0, 0))
    cose = store[begin:end]
    protected, tail = _byte_string(cose, len(_BEGINS)), _head(length)
    if not (claim and protected and cose.startswith(_BEGINS) and cose[:-length].endswith(tail)):
        raise StageError("the signature is not where C2PA has it: this release of its library writes it in another way")
    signed = _CONTEXT + protected + _head(0) + _head(len(claim)) + claim
    return Layout(signed, cose[-length:], end - length)


def put_signature(file: bytes, layout: Layout, signature: bytes) -> bytes:
    """`file` with another signature in that place, which may lie in several segments of it."""
    assert len(signature) == len(layout.signature), "another length would move what the claim says of places"
    changed, before = bytearray(file), 0
    is_summed = carrier_of(file) == "png"
    for span in find_spans(file):
        begin, length = layout.at - before, span.end - span.content
        start, end = max(0, begin), min(length, begin + len(signature))
        if start < end:
            changed[span.content + start : span.content + end] = signature[start - begin : end - begin]
            if is_summed:  # a chunk's name and content, behind which its checksum is
                changed[span.end : span.end + 4] = zlib.crc32(changed[span.start + 4 : span.end]).to_bytes(4, "big")
        before += length
    return bytes(changed)


def _parts(store: bytes) -> dict[str, tuple[int, int]]:
    """What the last manifest of a store, which speaks of the file, has under each label: where it begins and ends."""
    found: dict[str, tuple[int, int]] = {}
    manifests = _children(store, 0, len(store))[-1:]
    for start, end in _children(store, *manifests[0])[-1:] if manifests else ():
        for begin, stop in _children(store, start, end):
            inner = list(boxes(store, begin, stop))
            if len(inner) > 1 and inner[0][0] == b"jumd":
                _, _, content, description = inner[0]
                label = store[content + _LABEL : description].split(b"\0")[0].decode("utf-8", "replace")
                found[label] = inner[1][2:]
    return found


def _children(store: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """The superboxes in a part of a store: where the content of each begins and ends."""
    return [(content, stop) for kind, _, content, stop in boxes(store, start, end) if kind == b"jumb"]


def _byte_string(data: bytes, at: int) -> bytes:
    """The byte string of CBOR that begins there, with its head; nothing where there is none."""
    kind, wide = (data[at] >> 5, data[at] & 31) if at < len(data) else (0, 0)
    if kind != 2 or wide > 26:
        return b""
    size = 0 if wide < 24 else 1 << (wide - 24)
    length = int.from_bytes(data[at + 1 : at + 1 + size], "big") if size else wide
    return data[at : at + 1 + size + length]


def _head(length: int) -> bytes:
    """Of a byte string of CBOR (RFC 8949, 3), as short as it can be."""
    if length < 24:
        return bytes([0x40 | length])
    size = 1 if length < 2**8 else 2 if length < 2**16 else 4
    return bytes([0x40 | (23 + size.bit_length())]) + length.to_bytes(size, "big")

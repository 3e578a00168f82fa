"""Where files carry their manifests, in files of those who mean ill, too."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from deployments.provenance.containers import MANIFEST_BOX, MOST_SPANS, find_spans, find_stores
from deployments.provenance.removing import unsigned
from tests.deployments.provenance.samples import a_signatory, written


def test_a_file_of_nothing_but_pieces_of_manifests_is_walked_so_far_and_no_further() -> None:
    """Each piece was copied again for every one behind it, and 50 MB kept a processor for minutes."""
    piece = b"\xff\xeb\x00\x13JP\x00\x01\x00\x00\x00\x02\x00\x00\x00\x00jumbx"
    file = b"\xff\xd8\xff" + piece[1:] + piece * (MOST_SPANS + 100)
    assert len(find_spans(file)) == MOST_SPANS
    assert find_stores(file) == (b"x" * MOST_SPANS,)


def test_each_of_several_manifests_is_taken_out_of_avif(tmp_path: Path) -> None:
    """Its items are where they were before: their places are written in the file."""
    signatory = a_signatory(tmp_path)
    file = written("avif", signatory)
    (span,) = find_spans(file)
    box = file[span.start : span.end]
    assert unsigned(file) == written("avif", None)
    assert unsigned(file + box + box) == written("avif", None)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


_BEGINS = _box(b"ftyp", b"avif")
_MANIFEST = _box(b"uuid", MANIFEST_BOX + bytes(4) + b"manifest\0" + bytes(8) + b"store")
_INTO_THE_MANIFEST = bytes.fromhex("00000000 4400 0001 0001 0000 0001") + struct.pack(">II", len(_BEGINS) + 1, 4)


@pytest.mark.parametrize(
    "places",
    [b"", _INTO_THE_MANIFEST, bytes.fromhex("01000000 0000 0001")],
    ids=["none", "into the manifest", "cut off"],
)
def test_avif_whose_items_are_nowhere_loses_its_manifest_all_the_same(places: bytes) -> None:
    file = unsigned(_BEGINS + _MANIFEST + _box(b"meta", bytes(4) + _box(b"iloc", places)))
    assert find_spans(file) == ()
    assert file.startswith(_BEGINS + struct.pack(">I", 20 + len(places)) + b"meta")

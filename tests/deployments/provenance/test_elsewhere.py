"""Signatures that come from elsewhere: of every kind, in every format, right, and as small as those of a file's key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from configs.errors import StageError
from configs.formats import Format
from configs.inputs import InputImage
from deployments.messages import NamedImage
from deployments.provenance.certificate import Algorithm
from deployments.provenance.claim import write_claim
from deployments.provenance.containers import find_spans
from deployments.provenance.layout import find_layout
from deployments.provenance.removing import unsigned
from deployments.provenance.signatory import Signatory
from deployments.provenance.signing import SIGNED
from tests.deployments.pictures import RECIPE
from tests.deployments.provenance.elsewhere import Elsewhere, certify, make_key
from tests.deployments.provenance.samples import TERMS, a_signatory, active, told, written

ALLOWED = 5_000  # bytes that a signature may take of a file
KEY = make_key("es256")
SIGNATORY = Signatory(certify(KEY), Elsewhere(KEY))


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_every_kind_of_key_signs_and_takes_little_room(algorithm: Algorithm) -> None:
    key = make_key(algorithm)
    elsewhere = Elsewhere(key)
    signed = written("webp", Signatory(certify(key), elsewhere))
    read = told(signed, "webp")
    assert read["validation_state"] == "Valid"
    assert [one["code"] for one in read["validation_status"]] == ["signingCredential.untrusted"]
    assert active(read)["signature_info"]["alg"].lower() == algorithm
    assert len(elsewhere.asked) == 1
    assert len(signed) - len(written("webp", None)) < ALLOWED


@pytest.mark.parametrize("kind", SIGNED)
def test_every_format_is_as_it_is_with_a_key_of_a_file(kind: Format, tmp_path: Path) -> None:
    signed, plain = written(kind, SIGNATORY), written(kind, None)
    assert told(signed, kind)["validation_state"] == "Valid"
    assert unsigned(signed) == plain
    by_file = written(kind, a_signatory(tmp_path))
    assert len(signed) - len(plain) < min(ALLOWED, len(by_file) - len(plain) + 1_000)


def test_a_parent_that_was_signed_brings_its_own_manifest() -> None:
    changed = replace(
        RECIPE, inputs=(InputImage(role="image", image=NamedImage(picture="pic_1", sha256="c" * 64)),), strength=0.5
    )
    read = told(written("png", SIGNATORY, changed, written("jpeg", SIGNATORY)), "png")
    assert (len(read["manifests"]), read["validation_state"]) == (2, "Valid")


def test_a_signature_across_two_segments_of_a_jpeg_is_put_there_whole() -> None:
    """A licence so long that the signature, which is the manifest's end, lies across two segments of the file."""
    plain, length = written("jpeg", None), 64

    def signed(letters: int) -> tuple[bytes, int, int]:
        """The file, where its signature begins, and where its first segment ends."""
        claim = write_claim(replace(RECIPE, licence="l" * letters), TERMS, "jpeg")
        file = SIGNATORY.sign(plain, "jpeg", claim)
        first = find_spans(file)[0]
        return file, find_layout(file, length).at, first.end - first.content

    _, at, end = signed(66_000)
    file, at, end = signed(66_000 + end - at - length // 2)
    assert at < end < at + length
    assert told(file, "jpeg")["validation_state"] == "Valid"


def test_another_keys_signature_is_not_put_into_a_file() -> None:
    wrong = Signatory(certify(KEY), Elsewhere(make_key("es256")))
    with pytest.raises(StageError, match="not by the key of the certificate"):
        wrong.sign(written("png", None), "png", write_claim(RECIPE, TERMS, "png"))
    short = Signatory(certify(KEY), Elsewhere(make_key("es384")))
    with pytest.raises(StageError, match="not by the key of the certificate"):
        short.sign(written("png", None), "png", write_claim(RECIPE, TERMS, "png"))


@pytest.mark.parametrize("broken", [b"", b"\x89PNG\r\n\x1a\n", written("png", None), written("png", SIGNATORY)[:2_000]])
def test_a_file_that_is_laid_out_otherwise_is_refused(broken: bytes) -> None:
    with pytest.raises(StageError, match="not where C2PA has it"):
        find_layout(broken, 64)

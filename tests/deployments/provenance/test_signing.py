"""What is signed is read back by the project behind C2PA, says what it should, and costs no pixel."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from c2pa import C2paError

from configs.errors import StageError
from configs.formats import Format
from configs.inputs import InputImage
from deployments.messages import NamedImage
from deployments.provenance.certificate import make_chain, read_certificate
from deployments.provenance.claim import ASSERTION
from deployments.provenance.containers import find_spans
from deployments.provenance.removing import unsigned
from deployments.provenance.signatory import Signatory
from deployments.provenance.signing import SIGNED
from deployments.stages.encode import FinishRequest, encode
from deployments.stages.recipe import read_recipe
from deployments.stages.xmp import MACHINE_CHANGED, MACHINE_MADE
from tests.deployments.pictures import RECIPE, icon
from tests.deployments.provenance.samples import TERMS, a_signatory, active, assertion, pixels, told, written

CHANGED = replace(
    RECIPE,
    inputs=(InputImage(role="image", image=NamedImage(picture="pic_1", sha256="c" * 64)),),
    strength=0.5,
)
SECRET = "the unannounced zeppelin"
PRIVATE = replace(
    RECIPE,
    private=True,
    prompt=SECRET,
    full_prompt=f"{SECRET}, minimal",
    negative_prompt=f"{SECRET} drafts",
    stages=({"kind": "tile", "prompt": SECRET, "negative_prompt": SECRET, "strength": 0.3},),
)


@pytest.fixture(scope="module")
def signatory(tmp_path_factory: pytest.TempPathFactory) -> Signatory:
    return a_signatory(tmp_path_factory.mktemp("state"))


def actions(read: dict[str, Any]) -> list[dict[str, Any]]:
    told_of: list[dict[str, Any]] = assertion(read, "c2pa.actions.v2")["actions"]
    return told_of


@pytest.mark.parametrize("kind", SIGNED)
def test_each_format_is_signed_last_and_keeps_what_it_had(signatory: Signatory, kind: Format) -> None:
    plain, signed = written(kind, None), written(kind, signatory)
    read = told(signed, kind)
    assert read["validation_state"] == "Valid"
    assert [one["code"] for one in read["validation_status"]] == ["signingCredential.untrusted"]
    assert pixels(signed) == pixels(plain)
    assert read_recipe(signed) == read_recipe(plain) == RECIPE
    assert unsigned(signed) == plain
    assert len(signed) - len(plain) < 5_000
    (made,) = actions(read)
    assert (made["action"], made["digitalSourceType"]) == ("c2pa.created", MACHINE_MADE)


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize("place", [0.2, 0.6, 0.99, "atelier.picture", "claim_generator_info"])
def test_one_byte_that_is_changed_is_found(signatory: Signatory, kind: Format, place: float | str) -> None:
    """At a share of the file around the manifest, or in the manifest behind some words: anywhere but in what means
    nothing, the zeros that fill the room of the signature (C2PA 2.2, 13.2.3)."""
    signed = bytearray(written(kind, signatory))
    span = find_spans(signed)[0]
    around = [*range(span.start), *range(span.end, len(signed))]
    at = signed.index(place.encode()) + 60 if isinstance(place, str) else around[int(place * len(around))]
    signed[at] ^= 1
    try:
        state = told(bytes(signed), kind)["validation_state"]
    except C2paError:  # so broken that nothing of it can be read
        return
    assert state == "Invalid"


def test_the_claim_says_model_loras_licences_and_uses(signatory: Signatory) -> None:
    read = told(written("png", signatory), "png")
    claim = assertion(read, ASSERTION)
    assert claim["model"] == RECIPE.model
    assert claim["weights"] == RECIPE.weights
    assert claim["loras"] == [{"id": "icons", "strength": 0.8}]
    assert claim["licences"] == RECIPE.licence
    assert claim["use"] == TERMS.model_dump()
    assert "recipe_sha256" in claim
    assert active(read)["claim_generator_info"][0]["name"] == "Atelier"


def test_what_is_changed_names_its_parent_and_is_a_composite(signatory: Signatory) -> None:
    read = told(written("jpeg", signatory, CHANGED), "jpeg")
    opened, edited = actions(read)
    assert (opened["action"], edited["action"]) == ("c2pa.opened", "c2pa.edited")
    assert edited["digitalSourceType"] == MACHINE_CHANGED
    (parent,) = active(read)["ingredients"]
    assert parent["relationship"] == "parentOf"
    assert parent["instance_id"] == "sha256:" + "c" * 64


def test_a_parent_that_was_signed_brings_its_own_manifest(signatory: Signatory) -> None:
    parent = written("png", signatory)
    read = told(written("webp", signatory, CHANGED, parent), "webp")
    assert len(read["manifests"]) == 2
    (ingredient,) = active(read)["ingredients"]
    assert ingredient["active_manifest"] in read["manifests"]
    assert read["validation_state"] == "Valid"


def test_a_parent_whose_manifest_is_damaged_stays_a_parent(signatory: Signatory) -> None:
    parent = written("png", signatory)
    at = parent.index(b"caBX") + 40
    broken = parent[:at] + bytes(200) + parent[at + 200 :]
    read = told(written("png", signatory, CHANGED, broken), "png")
    assert active(read)["ingredients"][0]["relationship"] == "parentOf"
    assert read["validation_state"] == "Valid"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif", "svg", "pdf"])
def test_a_private_file_tells_no_word_of_what_was_asked(signatory: Signatory, kind: Format) -> None:
    file = written(kind, signatory, PRIVATE)
    for words in (SECRET, "zeppelin"):
        assert words.encode() not in file
        assert words.encode("utf-16-le") not in file
        assert words.encode("utf-16-be") not in file
    read = read_recipe(file)
    assert (read.private, read.prompt, read.full_prompt, read.negative_prompt) == (True, "", "", "")
    assert (read.seed, read.model, read.stages[0]["strength"]) == (RECIPE.seed, RECIPE.model, 0.3)
    assert MACHINE_MADE.encode() in file or kind == "pdf"


def test_a_private_claim_has_no_hash_by_which_words_could_be_guessed(signatory: Signatory) -> None:
    claim = assertion(told(written("png", signatory, PRIVATE), "png"), ASSERTION)
    assert claim["private"] is True
    assert "recipe_sha256" not in claim


def test_a_picture_is_delivered_though_nobody_can_sign_it(tmp_path: Path) -> None:
    class Away:
        def sign(self, data: bytes) -> bytes:
            raise StageError("the key vault does not answer (ServiceRequestError)")

    chain, _ = make_chain()
    signatory = Signatory(read_certificate(chain, "a chain"), Away())
    encoded = encode(icon(64), FinishRequest(64, 64, ("png",), RECIPE), signatory)
    assert encoded.files[0].data == written("png", None, side=64)
    assert any("delivered without content credentials" in note and "key vault" in note for note in encoded.notes)


def test_further_sizes_are_signed_too(signatory: Signatory) -> None:
    encoded = encode(icon(128), FinishRequest(128, 128, ("png", "webp"), RECIPE, sizes=((32, 32),)), signatory)
    assert len(encoded.files) == 4
    for file in encoded.files:
        assert told(file.data, file.format)["validation_state"] == "Valid"
        assert json.dumps(told(file.data, file.format)).count("thumbnail") == 0


def test_a_file_that_lists_extents_without_a_place_costs_no_time(signatory: Signatory) -> None:
    """A box `iloc` with as many items as it says, of 65,535 extents each, which take no byte."""
    signed = written("avif", signatory)
    items = 200_000
    locations = bytes(4) + b"\x00\x00" + b"\xff\xff" + (b"\x00\x01\x00\x00\xff\xff" * items)
    inner = (8 + len(locations)).to_bytes(4, "big") + b"iloc" + locations
    box = (12 + len(inner)).to_bytes(4, "big") + b"meta" + bytes(4) + inner
    assert unsigned(signed + box) == unsigned(signed) + box  # without the bound: hours

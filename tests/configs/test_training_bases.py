"""LoRAs are trained on a model that bears it; one that was distilled, or may not be trained on, names another."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.catalog import Installation
from configs.errors import ConfigError, Unsupported
from configs.load import load_installation
from configs.training_bases import find_base, trainable, why_not
from deployments.families.registry import FAMILIES
from tests.catalogue import copy_configs, edit

TABLE = FAMILIES.table()
STUDIO = load_installation("local", TABLE)


def said(model: str, studio: Installation = STUDIO) -> str | None:
    return why_not(studio.catalog.models[model], studio.catalog, studio.capabilities)


def test_each_model_that_ships_is_trained_on_or_names_a_base_that_is_or_says_why_not() -> None:
    bases = trainable(STUDIO.catalog, STUDIO.capabilities)
    assert {"mini", "flux-1-dev", "z-image", "flux-2-klein-base-4b", "hidream-i1-full", "sdxl-base"} <= set(bases)
    for model in STUDIO.catalog.models.values():
        assert (said(model.id) is None) == (model.id in bases)
        assert model.train_on is None or model.train_on in bases
        if model.id in bases and STUDIO.capabilities[model.id].guidance == "embedded":
            assert model.training_guidance == 1, "a guidance scale of 3.5 teaches the model to need guidance"


def test_no_model_that_was_distilled_is_trained_on() -> None:
    for id in trainable(STUDIO.catalog, STUDIO.capabilities):
        assert not STUDIO.capabilities[id].distilled


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            "flux-1-schnell",
            r"distilled to few steps, which training would undo: train on flux-1-dev, and",
        ),
        ("z-image-turbo", r"train on z-image,"),
        ("flux-2-klein-4b", r"train on flux-2-klein-base-4b,"),
        ("flux-1-fill-dev", r"is not what LoRAs learn on: train on flux-1-dev,"),
        ("janus-pro-1b", r"LoRAs cannot be trained on Janus Pro 1B: janus \(base\) has no trainer here"),
        ("playground-2.5", r"sdxl \(edm\) has no trainer here"),
    ],
)
def test_a_refusal_is_one_sentence_that_names_the_base(model: str, sentence: str) -> None:
    with pytest.raises(Unsupported, match=sentence) as refused:
        find_base(STUDIO.catalog.models[model], STUDIO.catalog, STUDIO.capabilities)
    assert refused.value.field == "model"
    assert "mini" in refused.value.allowed
    assert "\n" not in refused.value.message


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_configs(tmp_path, trained=True)


def test_a_licence_that_forbids_training_is_named_with_its_part_and_what_is_left(root: Path) -> None:
    dev = "id: flux-non-commercial-2"
    edit(root / "configs/licences.yaml", f"- {dev}\n", f"- {dev}\n  training: refused\n")
    edit(root / "configs/licences.yaml", "  product: refused\n  training: conditional\n", "  product: refused\n")
    studio = load_installation("local", TABLE, root)
    assert said("flux-2-dev", studio) == (
        "LoRAs may not be trained on FLUX.2 [dev]: its transformer is under the FLUX Non-Commercial License v2.1, "
        "which forbids it; others of its family: flux-2-klein-base-4b"
    )
    assert "flux-2-klein-base-9b may not be trained on: its transformer" in (said("flux-2-klein-9b", studio) or "")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("mini", "train_on: mini", "train_on: mino", r"mini\.yaml:\d+: train_on: 'mino' is not known; known: "),
        ("mini", "training_guidance: 1\n", "", r"mini\.yaml:\d+: training_guidance: is missing: .*in training, too"),
        ("mini", "train_on: mini\n", "", r"mini\.yaml:2: train_on: is missing: 'mini', if LoRAs"),
        ("mini", "train_on: mini", "train_on: sdxl-base", r"train_on: sdxl-base is of the family sdxl, not of flux"),
        (
            "mini",
            "train_on: mini",
            "train_on: flux-1-schnell",
            r"train_on: no LoRAs are trained on flux-1-schnell: its",
        ),
        ("mini", "train_on: mini", "train_on: flux-1-dev", r"training_guidance: is a matter of flux-1-dev"),
        (
            "flux-1-schnell",
            "on: flux-1-dev",
            "on: flux-1-schnell",
            r"train_on: .*distilled .*'training_adapter'",
        ),
        ("flux-1-fill-dev", "on: flux-1-dev", "on: flux-1-fill-dev", r"train_on: no LoRAs can be trained on .*fill"),
        ("z-image", "train_on:", "training_guidance: 1\ntrain_on:", r"training_guidance: .*is told no guidance"),
    ],
)
def test_what_cannot_be_is_refused_at_its_line(root: Path, file: str, old: str, new: str, message: str) -> None:
    edit(root / f"configs/models/{file}.yaml", old, new)
    with pytest.raises(ConfigError, match=message):
        load_installation("local", TABLE, root)


def test_an_adapter_that_takes_the_distillation_away_lets_a_distilled_model_be_trained_on(root: Path) -> None:
    own = "train_on: z-image-turbo\ntraining_adapter: {path: de-turbo, file: adapter.safetensors}\n"
    edit(root / "configs/models/z-image-turbo.yaml", "train_on: z-image\n", own)
    assert said("z-image-turbo", load_installation("local", TABLE, root)) is None


def test_every_licence_that_asks_something_of_training_says_so() -> None:
    asking = {id for id, licence in STUDIO.catalog.licences.items() if licence.training != "allowed"}
    assert asking == {"flux-1-dev-non-commercial", "flux-non-commercial-2", "stability-ai-community", "unknown"}

"""What is saved is what was trained: in each layout, through the preflight, drawn by the engine that serves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from configs.schema import ModelConfig
from deployments.families import flux
from deployments.families.training import Manner, Trainable
from deployments.loras import origin
from deployments.loras.changes import LowRank
from deployments.loras.preflight import Checked, check_file
from deployments.loras.slots import Adapter as InSlot
from tests.deployments.tiny import parts, request
from tests.training.lora.conftest import COLOURS, changed, plain
from training.lora.adapter import Adapter
from training.lora.checkpoints import ADAPTER
from training.lora.events import Ended
from training.lora.layouts import Layout, from_diffusers
from training.lora.model_spec import Lineage
from training.lora.saving import export
from training.lora.trainer import Trainer

LAYOUTS: tuple[Layout, ...] = ("diffusers", "kohya")
LINEAGE = Lineage("Squares", trigger="squarish", licences=("apache-2.0",), dataset="squares@1.0.0", pictures=8)


@dataclass
class Trained:
    """A checkpoint with alpha unlike its rank, and what the model drew with it in memory."""

    checkpoint: Path
    drawn: Any


@pytest.fixture(scope="module", params=["lora", "dora", "attention"])
def trained(request: pytest.FixtureRequest, model: Trainable, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    kind = "dora" if request.param == "dora" else "lora"
    targets = "attention" if request.param == "attention" else "all"
    settings = changed(kind=kind, targets=targets, alpha=9.0, rate=0.05, steps=6, checkpoint_every=6)
    folder = tmp_path_factory.mktemp("run")
    *_, ended = Trainer(model, [plain(colour) for colour in COLOURS], settings, folder).run()
    assert isinstance(ended, Ended)
    adapter = Adapter(model, settings)
    with safe_open(ended.checkpoint / ADAPTER, framework="pt") as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a dict
    adapter.load(from_diffusers(tensors, "transformer"))
    drawn = _draw(model)
    adapter.remove()
    return Trained(ended.checkpoint, drawn)


def _manner(model: Trainable) -> Manner:
    return replace(model.manner, steps=4)


def _draw(model: Trainable) -> Any:
    words, empty = model.encode_text(["a red bicycle icon", ""])
    return np.asarray(model.draw(words, empty, _manner(model), seed=7)).astype(int)


def _served(file: Path, config: ModelConfig) -> tuple[Any, Checked]:
    family = flux.load(config)
    checked = check_file(file, family.anatomy, 64, "the LoRA")
    changes = {place.module: one for place, one in checked.converted.changes.items() if isinstance(one, LowRank)}
    rank = max(change.rank for change in changes.values())
    slot = family.slots.put(InSlot("one", "", rank, changes, 0))
    asked = request(seed=7, num_inference_steps=4)
    state = family.start(asked, family.encode(asked.prompt, ""), ((slot, 1.0),))
    while state.step < state.steps:
        family.step([state])
    picture = family.decode(state)
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3).astype(int), checked


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_is_drawn_with_as_its_adapter_was_in_memory(
    trained: Trained, layout: Layout, model: Trainable, config: ModelConfig, tmp_path: Path
) -> None:
    file = export(trained.checkpoint, tmp_path / "it.safetensors", model, config, LINEAGE, layout, dtype=torch.float32)
    pipeline = parts.FluxPipeline.from_pretrained(config.weights.path)
    checked = check_file(file, flux.load(config).anatomy, 64, "the LoRA")
    assert checked.report.matched == checked.report.total
    if checked.report.exclusive is None:
        drawn, _ = _served(file, config)
    else:  # a DoRA is merged: diffusers draws it, if it reads the layout
        if layout == "kohya":
            pytest.skip("diffusers splits FLUX's linear1 at its published width only")
        pipeline.load_lora_weights(file)
        pipeline.set_progress_bar_config(disable=True)
        pipeline.transformer.eval()
        asked = pipeline(
            "a red bicycle icon",
            width=128,
            height=128,
            num_inference_steps=4,
            guidance_scale=3.5,
            max_sequence_length=64,
            generator=torch.Generator("cpu").manual_seed(7),
        )
        drawn = np.asarray(asked.images[0]).astype(int)
    assert np.abs(drawn - trained.drawn).max() <= 1
    assert np.abs(trained.drawn - _draw(model)).max() > 2  # the base draws another picture


@pytest.mark.parametrize("layout", LAYOUTS)
def test_both_layouts_are_the_same_change(
    trained: Trained, layout: Layout, model: Trainable, config: ModelConfig, tmp_path: Path
) -> None:
    anatomy = flux.load(config).anatomy
    one, other = (
        check_file(
            export(trained.checkpoint, tmp_path / f"{name}.safetensors", model, config, LINEAGE, name, torch.float32),
            anatomy,
            64,
            name,
        ).converted.changes
        for name in ("diffusers", layout)
    )
    assert one.keys() <= other.keys()
    for place, change in other.items():
        weight = anatomy.weights[place]
        # Where kohya's layer is several of ours, those that were not trained are in it, unchanged.
        expected = one[place].merged(weight, 1.0) if place in one else weight
        assert torch.allclose(change.merged(weight, 1.0), expected, atol=1e-6)


def test_a_file_says_what_it_is_and_nothing_of_whoever_made_it(
    trained: Trained, model: Trainable, config: ModelConfig, tmp_path: Path
) -> None:
    file = export(trained.checkpoint, tmp_path / "it.safetensors", model, config, LINEAGE)
    with safe_open(file, framework="pt") as opened:
        metadata = opened.metadata()
    assert origin.trigger_words(metadata) == ("squarish",)
    assert metadata["modelspec.license"] == "apache-2.0"
    assert metadata["atelier.dataset"] == "squares@1.0.0"
    assert metadata["atelier.base_weights"] == model.weights
    said = json.dumps(metadata)
    assert 'square\\"' not in said
    assert not any(each in said for each in (str(tmp_path), str(trained.checkpoint), "a red square", "ss_"))


def test_modelspecs_hash_is_of_the_files_tensors(
    trained: Trained, model: Trainable, config: ModelConfig, tmp_path: Path
) -> None:
    for layout in LAYOUTS:
        file = export(trained.checkpoint, tmp_path / f"{layout}.safetensors", model, config, LINEAGE, layout)
        data = file.read_bytes()
        header = int.from_bytes(data[:8], "little")
        with safe_open(file, framework="pt") as opened:
            stated = opened.metadata()["modelspec.hash_sha256"]
        assert stated == f"0x{hashlib.sha256(data[8 + header :]).hexdigest()}"

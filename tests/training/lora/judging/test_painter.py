"""The grid is drawn as a studio draws it: the family that serves, the adapter worn as requests wear it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops

from configs.errors import ConfigError
from configs.judgement import GridPrompt
from deployments.families.flux import load
from deployments.loras import files
from deployments.loras.convert import convert
from deployments.loras.merged import Merged, Part
from tests.deployments.loras import published
from tests.deployments.loras.published import draw, save
from tests.deployments.tiny import save_tiny, tiny_config
from training.lora.judging.grid import Shot
from training.lora.judging.painter import ServingPainter

SHOTS = [Shot(GridPrompt(text=text, kind="unseen", subject=text), 5) for text in ("a mug", "a fox", "a tree")]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    torch.set_num_threads(1)
    config = tiny_config(save_tiny(tmp_path_factory.mktemp("flux")), steps={"draft": 2})
    return load(config), config


def drawn(painter: ServingPainter, adapter: Path | None, strength: float = 1.0) -> list[Image.Image]:
    with painter.wearing(adapter, strength) as worn:
        return worn.draw(SHOTS)


def differ(one: list[Image.Image], other: list[Image.Image]) -> int:
    """The largest difference of a level."""
    pairs = zip(one, other, strict=True)
    return max(int(np.asarray(ImageChops.difference(a, b)).max()) for a, b in pairs)


def test_a_checkpoint_is_drawn_as_if_it_were_merged(model: tuple[Any, Any], tmp_path: Path) -> None:
    family, config = model
    painter = ServingPainter(family, config)
    tensors, metadata = published.diffusers(draw())
    file = save(tmp_path, "adapter", tensors, metadata)
    base = drawn(painter, None)
    worn = drawn(painter, file, 0.7)
    merged = Merged(family.anatomy)
    contents = files.read(file, "it")
    merged.apply("it", [Part(convert(contents.tensors, contents.metadata, family.anatomy).changes, 0.7)])
    try:
        alone = drawn(painter, None)
    finally:
        merged.clear()
    assert differ(worn, alone) <= 1
    assert differ(worn, base) > 1
    assert differ(drawn(painter, None), base) == 0  # and it is off again
    assert differ(drawn(painter, file, 0.0), base) == 0


def test_what_slots_cannot_hold_is_merged_and_taken_out_again(model: tuple[Any, Any], tmp_path: Path) -> None:
    family, config = model
    painter = ServingPainter(family, config)
    tensors, _ = published.peft(draw())
    for name in [name for name in tensors if name.endswith("lora_B.weight")]:
        magnitude = torch.rand(len(tensors[name])) + 0.5
        tensors[name.replace("lora_B.weight", "lora_magnitude_vector")] = magnitude
    file = save(tmp_path, "dora", tensors)
    base = drawn(painter, None)
    assert differ(drawn(painter, file), base) > 1
    assert differ(drawn(painter, None), base) == 0


def test_a_broken_checkpoint_is_named(model: tuple[Any, Any], tmp_path: Path) -> None:
    family, config = model
    tensors, metadata = published.diffusers(draw())
    tensors = {name: tensor * float("nan") for name, tensor in tensors.items()}
    folder = tmp_path / "step-000100"
    folder.mkdir()
    file = save(folder, "adapter", tensors, metadata)
    with pytest.raises(ConfigError, match=r"checkpoint step-000100: .* values that are not numbers"):
        drawn(ServingPainter(family, config), file)


def test_large_pictures_are_drawn_few_at_a_time(model: tuple[Any, Any]) -> None:
    family, config = model
    assert ServingPainter(family, config).batch == 8
    large = config.model_copy(update={"native_sizes": (config.native_sizes[0].model_copy(update={"width": 8192}),)})
    assert ServingPainter(family, large).batch == 2


def test_a_grid_is_drawn_in_the_steps_of_the_fastest_quality(model: tuple[Any, Any]) -> None:
    family, config = model
    slower = config.model_copy(update={"steps": {"draft": 2, "standard": 5}})
    assert ServingPainter(family, slower).steps == 2
    assert ServingPainter(family, slower, 4).steps == 4

"""The trainer trains every family: a run learns, goes on from a checkpoint as if it had never stopped, shows samples
without disturbing itself, and what it leaves is served."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file

from configs.training import TrainingSettings
from tests.deployments.diffusers_alone import difference
from tests.training.lora.families.taught import SETTINGS, Taught, every_family
from training.lora.events import Ended, Event, Sampled, Stepped, Stopped, Wish
from training.lora.layouts import Layout, component_of, from_diffusers
from training.lora.model_spec import Lineage
from training.lora.pictures import TrainingPicture
from training.lora.saving import export
from training.lora.trainer import Trainer

COLOURS = ("red", "green", "blue", "yellow")
SHORT = SETTINGS.model_copy(update={"size": 64})


def squares() -> list[TrainingPicture]:
    """Captions of different lengths."""
    return [
        TrainingPicture(
            Image.new("RGB", (64, 64), colour),
            f"a {colour} square",
            hashlib.sha256(colour.encode()).hexdigest(),
        )
        for colour in COLOURS
    ]


@every_family
def test_a_run_goes_on_from_its_checkpoint_as_if_it_had_never_stopped(taught: Taught, tmp_path: Path) -> None:
    whole = list(_run(taught, tmp_path / "whole", SHORT))
    wishes = iter([*[Wish.GO_ON] * 3, Wish.GIVE_WAY])
    first = list(_run(taught, tmp_path / "parts", SHORT, wishes))
    second = list(_run(taught, tmp_path / "parts", SHORT))
    assert isinstance(first[-1], Stopped)
    assert isinstance(second[-1], Ended)
    assert _losses(first) + _losses(second) == _losses(whole)
    one, other = (load_file(tmp_path / name / "step-000006" / "adapter.safetensors") for name in ("whole", "parts"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert any(value.any() for name, value in one.items() if "lora_B" in name), "it learned something"


@every_family
def test_samples_are_drawn_and_change_nothing(taught: Taught, tmp_path: Path) -> None:
    asked = {"steps": 2, "checkpoint_every": 2, "sample_every": 2, "sample_prompts": ("a mug",)}
    sampling, plain = (SHORT.model_copy(update=more) for more in (asked, {"steps": 2, "checkpoint_every": 2}))
    told = list(_run(taught, tmp_path / "sampling", sampling))
    pictures = [each.pictures[0] for each in told if isinstance(each, Sampled)]
    size = taught.config.native_sizes[0]
    assert {picture.size for picture in pictures} == {(size.width, size.height)}
    assert _losses(told) == _losses(_run(taught, tmp_path / "plain", plain))


@every_family
def test_what_a_run_leaves_is_served_in_either_layout(taught: Taught, tmp_path: Path) -> None:
    list(_run(taught, tmp_path, SHORT.model_copy(update={"rate": 0.05, "steps": 3})))
    checkpoint = tmp_path / "step-000003"
    layouts: tuple[Layout, ...] = ("diffusers", "kohya")
    served = []
    for layout in layouts:
        file, lineage = tmp_path / f"{layout}.safetensors", Lineage(layout)
        export(checkpoint, file, taught.model, taught.config, lineage, layout, torch.float32)
        served.append(taught.serve(file)[0])
    plain = taught.serve()[0]
    adapter = taught.adapter(SHORT)
    try:
        adapter.load(from_diffusers(load_file(checkpoint / "adapter.safetensors"), component_of(taught.model)))
        for told in served:
            assert difference(taught.predict(told), told.said) <= 1e-5
            assert difference(told.said, plain.said) > 1e-3
    finally:
        adapter.remove()


def _run(
    taught: Taught, folder: Path, settings: TrainingSettings, wishes: Iterator[Wish] | None = None
) -> Iterator[Event]:
    trainer = Trainer(taught.model, squares(), settings, folder)
    return trainer.run() if wishes is None else trainer.run(lambda: next(wishes))


def _losses(events: list[Event] | Iterator[Event]) -> list[float]:
    return [each.loss for each in events if isinstance(each, Stepped)]

"""A run that was stopped and goes on is, to the last bit, one that was not; and nobody who looks on changes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.families.training import Trainable
from tests.training.lora.conftest import changed
from tests.training.lora.resuming import WHOLE
from training.lora.checkpoints import ADAPTER, OPTIMISER, STATE, newest, whole
from training.lora.events import Began, Sampled, Stepped, Stopped, Validated, Wish
from training.lora.pictures import TrainingPicture
from training.lora.trainer import Trainer

Tensors = dict[str, torch.Tensor]


def learned(folder: Path) -> tuple[Tensors, Tensors]:
    """Adapter and optimiser of the last checkpoint."""
    last = newest(folder)
    assert last is not None
    return load_file(last / ADAPTER), load_file(last / OPTIMISER)


def same(one: Tensors, other: Tensors) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def test_twelve_steps_are_six_and_six_in_another_process(
    model: Trainable, config: ModelConfig, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    settings = changed(**WHOLE)
    list(Trainer(model, squares, settings, tmp_path / "one").run())
    wishes = iter([Wish.GO_ON] * 6 + [Wish.GIVE_WAY])
    stopped = list(Trainer(model, squares, settings, tmp_path / "two").run(lambda: next(wishes)))[-1]
    assert isinstance(stopped, Stopped)
    assert (stopped.step, stopped.code) == (6, "give_way")

    assert config.weights.path is not None
    command = [sys.executable, "-m", "tests.training.lora.resuming", config.weights.path, str(tmp_path / "two")]
    subprocess.run(command, check=True, timeout=240)

    assert [each.name for each in whole(tmp_path / "two")] == ["step-000006", "step-000012"]
    for one, other in zip(learned(tmp_path / "one"), learned(tmp_path / "two"), strict=True):
        assert same(one, other)


def test_a_run_that_is_over_is_only_told_of(model: Trainable, squares: list[TrainingPicture], tmp_path: Path) -> None:
    list(Trainer(model, squares, changed(), tmp_path).run())
    again = list(Trainer(model, squares, changed(), tmp_path).run())
    assert isinstance(again[0], Began)
    assert again[0].step == 4
    assert not any(isinstance(each, Stepped) for each in again)


def test_samples_validation_and_checkpoints_disturb_nothing(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    watched = changed(
        validation_share=0.25, sample_every=1, sample_prompts=("a red square",), validate_every=1, checkpoint_every=1
    )
    events = list(Trainer(model, squares, watched, tmp_path / "watched").run())
    assert sum(isinstance(each, Sampled) for each in events) == 5
    assert sum(isinstance(each, Validated) for each in events) == 5
    list(Trainer(model, squares, changed(validation_share=0.25), tmp_path / "alone").run())
    assert same(learned(tmp_path / "watched")[0], learned(tmp_path / "alone")[0])


def test_a_checkpoint_without_its_last_file_is_none(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    list(Trainer(model, squares, changed(), tmp_path).run())
    (tmp_path / "step-000004" / STATE).unlink()
    last = newest(tmp_path)
    assert last is not None
    assert last.name == "step-000002"


def test_a_damaged_checkpoint_says_so(model: Trainable, squares: list[TrainingPicture], tmp_path: Path) -> None:
    list(Trainer(model, squares, changed(), tmp_path).run())
    (tmp_path / "step-000004" / OPTIMISER).write_bytes(b"half")
    with pytest.raises(ConfigError, match="step-000004 cannot be read"):
        list(Trainer(model, squares, changed(), tmp_path).run())

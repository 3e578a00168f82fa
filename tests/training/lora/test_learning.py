"""What a run learns with, kind by kind: adapters, averages, priors, buckets; and how it ends where it cannot go on."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from configs.errors import ConfigError, StageError
from deployments.families.training import Trainable
from tests.training.lora.conftest import COLOURS, changed, plain
from training.lora import checkpoints, files
from training.lora.checkpoints import ADAPTER, newest
from training.lora.events import Ended, Event, Saved, Stepped, Stopped, Validated
from training.lora.pictures import TrainingPicture
from training.lora.trainer import Trainer


def run(model: Trainable, pictures: Sequence[TrainingPicture], folder: Path, **changes: object) -> list[Event]:
    return list(Trainer(model, pictures, changed(**changes), folder).run())


def adapter_of(folder: Path) -> dict[str, torch.Tensor]:
    last = newest(folder)
    assert last is not None
    return load_file(last / ADAPTER)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "dora"},
        {"ema": 0.9},
        {"accumulation": 2, "batch": 1},
        {"guidance": "contrastive"},
        {"optimiser": "adamw8bit"},
        {"noise": "uniform", "schedule": "constant"},
        {"targets": "attention", "alpha": 1.0},
    ],
)
def test_each_setting_trains_and_resumes(
    changes: dict[str, object], model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    events = run(model, squares, tmp_path, **changes)
    assert isinstance(events[-1], Ended)
    weights = adapter_of(tmp_path)
    assert any(value.abs().max() > 0 for name, value in weights.items() if "lora_B" in name)
    shutil.rmtree(tmp_path / "step-000004")
    run(model, squares, tmp_path, **changes)
    assert all(torch.equal(value, adapter_of(tmp_path)[name]) for name, value in weights.items())


def test_the_loss_of_pictures_that_are_held_back_falls(model: Trainable, tmp_path: Path) -> None:
    pictures = [plain(colour, held_out=colour == "white") for colour in COLOURS]
    events = run(model, pictures, tmp_path, steps=40, rate=2e-2, checkpoint_every=50, caption_dropout=0, batch=4)
    losses = [each.loss for each in events if isinstance(each, Validated)]
    assert losses[-1] < 0.9 * losses[0]


def test_pictures_that_are_held_back_are_never_learned_from(model: Trainable, tmp_path: Path) -> None:
    pictures = [plain(colour, held_out=colour in ("white", "red")) for colour in COLOURS]
    others = [plain("gold", held_out=True) if one.held_out else one for one in pictures]
    run(model, pictures, tmp_path / "one")
    run(model, others, tmp_path / "other")
    one, other = adapter_of(tmp_path / "one"), adapter_of(tmp_path / "other")
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_pictures_of_the_class_count_as_much_as_is_said(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    prior = [replace(plain(colour), is_prior=True) for colour in ("pink", "brown")]
    losses = []
    for weight in (0.0, 1.0):
        events = run(model, squares + prior, tmp_path / str(weight), prior_weight=weight, steps=1)
        losses.append(next(each.loss for each in events if isinstance(each, Stepped)))
    alone = run(model, squares, tmp_path / "alone", steps=1)
    assert losses[0] == next(each.loss for each in alone if isinstance(each, Stepped))
    assert losses[1] > losses[0]


def test_a_bucket_of_one_and_a_batch_larger_than_the_set_train(model: Trainable, tmp_path: Path) -> None:
    pictures = [plain("red"), plain("blue"), plain("green", (128, 64))]
    assert isinstance(run(model, pictures, tmp_path, batch=8)[-1], Ended)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict, calls = model.predict, iter(range(100))

    def lost(*given: Any) -> torch.Tensor:
        return predict(*given) * (float("nan") if next(calls) == 2 else 1.0)

    monkeypatch.setattr(model, "predict", lost)
    stopped = run(model, squares, tmp_path)[-1]
    assert isinstance(stopped, Stopped)
    assert (stopped.step, stopped.code, stopped.checkpoint) == (2, "not_a_number", tmp_path / "step-000002")
    assert "the loss of step 3 is no number" in stopped.reason
    assert all(torch.isfinite(value).all() for value in adapter_of(tmp_path).values())


def test_a_loss_that_stays_far_above_what_it_was_stops(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict, calls = model.predict, iter(range(1000))

    def worse(*given: Any) -> torch.Tensor:
        return predict(*given) * (1.0 if next(calls) < 25 else 20.0)

    monkeypatch.setattr(model, "predict", worse)
    stopped = run(model, squares, tmp_path, steps=60, checkpoint_every=10)[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.code == "diverged"
    assert stopped.step == 45


def test_a_full_disk_is_said_and_leaves_the_last_checkpoint(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Path, data: bytes) -> None:
        if "step-000004" in str(file.parent):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        files.write(file, data)

    monkeypatch.setattr(checkpoints, "write", full)
    with pytest.raises(
        StageError, match="step 4 could not be written: the disk is full.*step-000002 is the last whole"
    ):
        run(model, squares, tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cache", "step-000002"]


def test_memory_that_does_not_suffice_says_what_would(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(*_: Any) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(model, "predict", too_much)
    with pytest.raises(StageError, match="'gradient_checkpointing'.*'batch' to 1 with 'accumulation' 2"):
        run(model, squares, tmp_path)
    monkeypatch.undo()
    assert isinstance(run(model, squares, tmp_path)[-1], Ended)  # the denoiser is as it was


def test_an_optimiser_whose_library_is_not_here_says_what_to_install(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="'prodigy' needs prodigyopt, which is not installed: .*pip install"):
        run(model, squares, tmp_path, optimiser="prodigy")


def test_gradient_checkpointing_learns_the_same(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    run(model, squares, tmp_path / "plain")
    model.denoiser.enable_gradient_checkpointing()
    try:
        run(model, squares, tmp_path / "checkpointed")
    finally:
        model.denoiser.disable_gradient_checkpointing()
    one, other = adapter_of(tmp_path / "plain"), adapter_of(tmp_path / "checkpointed")
    assert all(torch.allclose(value, other[name], atol=1e-6) for name, value in one.items())


def test_checkpoints_are_told_of_when_they_are_whole(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    for event in Trainer(model, squares, changed(), tmp_path).run():
        if isinstance(event, Saved):
            assert {each.name for each in event.folder.iterdir()} == {
                "adapter.safetensors",
                "optimizer.safetensors",
                "state.json",
            }

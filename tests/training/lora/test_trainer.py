"""A run from its first step to its end: what it tells, what it leaves, and that the base is as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from configs.errors import ConfigError
from deployments.families.training import Trainable
from tests.training.lora.conftest import SETTINGS, changed, plain
from training.lora.events import Began, Ended, Event, Saved, Stepped, Stopped, Validated, Wish
from training.lora.pictures import TrainingPicture
from training.lora.trainer import Trainer


def test_a_run_tells_of_each_step_and_keeps_what_it_learned(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    settings = changed(validation_share=0.25)
    events = list(Trainer(model, squares, settings, tmp_path).run())
    assert isinstance(events[0], Began)
    assert [each.step for each in events if isinstance(each, Stepped)] == [1, 2, 3, 4]
    assert [each.folder.name for each in events if isinstance(each, Saved)] == ["step-000002", "step-000004"]
    assert [each.step for each in events if isinstance(each, Validated)] == [0, 4]
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.checkpoint == tmp_path / "step-000004"


def test_the_base_is_as_it_was_after_a_run(model: Trainable, squares: list[TrainingPicture], tmp_path: Path) -> None:
    before = _digest(model)
    list(Trainer(model, squares, changed(steps=2), tmp_path).run())
    assert _digest(model) == before


def test_a_run_stops_within_a_step_of_being_told_to_and_keeps_what_it_has(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    wishes = iter([Wish.GO_ON, Wish.GO_ON, Wish.GO_ON, Wish.CANCEL])
    settings = changed(checkpoint_every=50)
    events = list(Trainer(model, squares, settings, tmp_path).run(lambda: next(wishes)))
    assert isinstance(events[-2], Saved)
    assert events[-1] == Stopped(3, "cancel", "it was canceled", tmp_path / "step-000003")


def test_a_picture_is_learned_with_the_words_that_it_has_in_place_of_its_caption(
    model: Trainable, squares: list[TrainingPicture], tmp_path: Path
) -> None:
    def losses(pictures: list[TrainingPicture], folder: str) -> list[float]:
        events = Trainer(model, pictures, changed(steps=2), tmp_path / folder).run()
        return [each.loss for each in events if isinstance(each, Stepped)]

    worded = [replace(one, worded=f"{one.caption}, on a wall") for one in squares]
    said = [replace(one, caption=f"{one.caption}, on a wall") for one in squares]
    assert losses(worded, "worded") == losses(said, "said") != losses(squares, "bare")


def test_too_few_pictures_are_refused(model: Trainable, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="2 pictures are too few"):
        Trainer(model, [plain("red"), plain("blue")], SETTINGS, tmp_path)


def test_a_folder_of_another_run_is_refused(model: Trainable, squares: list[TrainingPicture], tmp_path: Path) -> None:
    settings = changed(steps=1)
    _drain(Trainer(model, squares, settings, tmp_path).run())
    with pytest.raises(ConfigError, match="holds a run of other pictures or settings"):
        Trainer(model, squares, changed(steps=1, rank=2), tmp_path)


def _drain(events: Iterator[Event]) -> None:
    for _ in events:
        pass


def _digest(model: Trainable) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(model.denoiser.state_dict().items()):
        digest.update(name.encode() + value.contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()

"""Two models that learned from one set are shown side by side, each as it was picked."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.judgement import Judgement
from tests.bench.judging.looks import KESTREL, LEARNED, pictures
from tests.training.lora.judging.fakes import FakePainter, Learned, save
from training.lora.judging.album import recall
from training.lora.judging.events import Judged
from training.lora.judging.grid import GridSize
from training.lora.judging.judge import JudgingSettings, judge
from training.lora.judging.sheet import beside

SETTINGS = JudgingSettings(trigger="kestrel", dataset="d", size=GridSize(1, 1, 2, 0, 1), seeds=(3,), strengths=(1.0,))


def judged(folder: Path, model: str, look: float) -> Judgement:
    files = {100: save(folder, 100, Learned(look))}
    painter, own = FakePainter(model=model), pictures(KESTREL, LEARNED[:5])
    end = [*judge(files, painter, own, SETTINGS, folder=folder / "kept")][-1]
    assert isinstance(end, Judged)
    return end.judgement


def test_two_models_of_one_set_are_shown_without_and_with(tmp_path: Path) -> None:
    first, second = judged(tmp_path / "a", "mini", 0.9), judged(tmp_path / "b", "other", 0.5)
    grid, drawn = recall(first, tmp_path / "a" / "kept")
    assert set(drawn) == {(0, 0.0), (100, 1.0)}
    sheet = beside((first, grid, drawn), (second, *recall(second, tmp_path / "b" / "kept")))
    assert sheet.width > len(grid) * 128
    assert sheet.height > 4 * 128


def test_unlike_grids_are_not_shown_side_by_side(tmp_path: Path) -> None:
    first = judged(tmp_path / "a", "mini", 0.9)
    kept = recall(first, tmp_path / "a" / "kept")
    other = first.model_copy(update={"dataset": "another"})
    with pytest.raises(ValueError, match="two sets, or of two grids"):
        beside((first, *kept), (other, *kept))

"""`python -m training.lora.judging`: from a run's folder to a picked adapter, its sheet and its card."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from configs.judgement import Judgement
from configs.training import TrainingSettings
from tests.bench.judging.looks import KESTREL, LEARNED
from tests.training.lora.judging.fakes import FakePainter, Learned, save
from training.lora import checkpoints
from training.lora.judging import __main__ as command
from training.lora.judging import run as judging_run
from training.lora.judging.events import JudgingEvent


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for subject in LEARNED[:5]:
        KESTREL.draw(subject).save(folder / f"{subject}.png")
        (folder / f"{subject}.txt").write_text(KESTREL.caption(subject))
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    for step, look in ((50, 0.3), (100, 0.95)):
        file = save(folder, step, Learned(look))
        settings = TrainingSettings(steps=100, validation_share=0.2).model_dump(mode="json")
        state = {"format": 1, "step": step, "run": "r", "seconds": 1.0, "losses": [], "settings": settings}
        (file.parent / checkpoints.STATE).write_text(json.dumps(state))
    return folder


@pytest.fixture(autouse=True)
def without_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(*arguments: Any, **more: Any) -> Iterator[JudgingEvent]:
        with monkeypatch.context() as patched:
            patched.setattr(judging_run, "ServingPainter", lambda *_: FakePainter())
            patched.setattr("training.lora.judging.run.FAMILIES.find", lambda _: lambda _: None)
            yield from judging_run.judge_run(*arguments, **{**more, "scorer": None})

    monkeypatch.setattr(command, "judge_run", judged)


def test_a_run_is_judged_and_the_picked_adapter_lies_beside_its_card(
    run: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(run), str(pictures), "--trigger", "kestrel", "--seeds", "1"]
    assert command.main(arguments) == 0
    judgement = Judgement.model_validate_json((run / "judgement.json").read_text())
    assert judgement.pick.step == 100
    assert (run / "picked.safetensors").read_bytes() == (run / "step-000100" / checkpoints.ADAPTER).read_bytes()
    assert "**taken**" in (run / "card.md").read_text()
    with Image.open(run / "sheet.png") as sheet:
        assert sheet.width > 1000
    assert "picked" in capsys.readouterr().out
    assert {prompt.kind for prompt in judgement.prompts} >= {"known", "held_out", "unseen", "plain"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{pictures}", "{pictures}"], "holds no checkpoint"),
        (["{run}", "nowhere"], "there is no folder nowhere"),
        (["{run}", "{pictures}", "--model", "none"], "there is no model 'none'"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    arguments: list[str], says: str, run: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([one.format(run=run, pictures=pictures) for one in arguments]) == 1
    assert says in " ".join(capsys.readouterr().err.split())

"""A whole judging, on pictures that are mixed: what it picks, what it catches, and how it is stopped and goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.judgement import Judgement
from tests.bench.judging.looks import KESTREL, LEARNED, pictures
from tests.training.lora.judging.fakes import FakePainter, Learned, save
from training.lora.events import Wish
from training.lora.judging.events import Judged, Judging, JudgingEvent, JudgingStopped, Looked
from training.lora.judging.grid import GridSize
from training.lora.judging.judge import JudgingSettings, judge

SETTINGS = JudgingSettings(trigger="kestrel", size=GridSize(1, 2, 2, 1, 2), seeds=(3, 4), strengths=(1.0, 0.7))
SET = pictures(KESTREL, LEARNED[:8])


def run(files: Mapping[int, Path], painter: FakePainter | None = None, **more: object) -> list[JudgingEvent]:
    return [*judge(files, painter or FakePainter(), SET, SETTINGS, **more)]  # type: ignore[arg-type]


def ended(events: list[JudgingEvent]) -> Judgement:
    assert isinstance(events[-1], Judged)
    return events[-1].judgement


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A look that is learned, and then drifts."""
    folder = tmp_path_factory.mktemp("run")
    steps = {50: Learned(0.4), 100: Learned(0.97, 0.1), 150: Learned(0.97, 0.4), 200: Learned(0.97, 1.0)}
    return {step: save(folder, step, learned) for step, learned in steps.items()}


@pytest.fixture(scope="module")
def judged(growing: dict[int, Path]) -> list[JudgingEvent]:
    return run(growing)


def test_the_earliest_with_the_look_is_picked(judged: list[JudgingEvent]) -> None:
    judgement = ended(judged)
    assert (judgement.pick.step, judgement.pick.recommended) == (100, True)
    assert judgement.of(50, 1.0).marks["style"].value < judgement.of(100, 1.0).marks["style"].value - 0.1


def test_drift_grows_and_is_cautioned_of(judged: list[JudgingEvent]) -> None:
    judgement = ended(judged)
    drifts = [judgement.of(step, 1.0).marks["drift"].value for step in (50, 100, 150, 200)]
    assert drifts == sorted(drifts)
    assert any("changes pictures that do not ask for it" in said for said in judgement.of(200, 1.0).cautions)
    assert not judgement.of(100, 1.0).cautions


def test_it_tells_how_far_it_is_and_of_each_checkpoint(judged: list[JudgingEvent]) -> None:
    shares = [event.share for event in judged if isinstance(event, Judging)]
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] <= 1
    looked = [event.adapter for event in judged if isinstance(event, Looked)]
    assert [(one.step, one.strength) for one in looked[:4]] == [(50, 1.0), (100, 1.0), (150, 1.0), (200, 1.0)]
    assert {one.strength for one in looked[4:]} == {0.7}


def test_the_document_is_read_back_as_it_was_written(judged: list[JudgingEvent]) -> None:
    judgement = ended(judged)
    assert Judgement.model_validate_json(judgement.model_dump_json()) == judgement
    assert judgement.picked.marks["legibility"].value > 0
    assert judgement.picked.marks["linearity"].value == 1.0


def test_the_sheet_has_a_row_for_each_and_marks_the_pick(judged: list[JudgingEvent]) -> None:
    end = judged[-1]
    assert isinstance(end, Judged)
    rows = 1 + len(end.judgement.judged)
    assert end.sheet.height > rows * 128
    assert any(colour == (15, 108, 189) for _, colour in end.sheet.getcolors(2**20) or ())


def test_memorising_is_caught(tmp_path: Path) -> None:
    files = {100: save(tmp_path, 100, Learned(0.6)), 200: save(tmp_path, 200, Learned(1.0, copies=True))}
    judgement = ended(run(files))
    assert judgement.of(200, 1.0).marks["copying"].value == 1.0
    assert judgement.of(100, 1.0).marks["copying"].value == 0.0
    assert judgement.pick.step == 100


def test_what_knows_its_pictures_by_heart_is_not_recommended_however_it_looks(tmp_path: Path) -> None:
    files = {step: save(tmp_path, step, Learned(0.97)) for step in (300, 600)}
    rising = {100: {0.1: 0.4, 0.9: 0.2}, 300: {0.1: 0.6, 0.9: 0.2}, 600: {0.1: 0.8, 0.9: 0.2}}
    judgement = ended(run(files, held_out_loss=rising))
    assert not judgement.pick.recommended
    assert [one.marks["overfit"].value for one in judgement.judged if one.strength == 1] == [1.3333, 1.6667]
    falling = {100: {0.1: 0.8, 0.9: 0.2}, 300: {0.1: 0.6, 0.9: 0.2}, 600: {0.1: 0.4, 0.9: 0.2}}
    assert ended(run(files, held_out_loss=falling)).pick.recommended


def test_a_checkpoint_that_draws_nothing_stops_nobody_else(tmp_path: Path) -> None:
    files = {100: save(tmp_path, 100, Learned(0.9)), 200: tmp_path / "broken"}
    files[200].write_text("{}")
    judgement = ended(run(files))
    assert judgement.pick.step == 100
    assert judgement.of(200, 1.0).lost == "it holds values that are not numbers"
    with pytest.raises(ConfigError, match="no checkpoint draws anything: it holds values"):
        run({200: files[200]})


def test_it_is_stopped_between_two_batches_and_goes_on_where_it_was(growing: dict[int, Path], tmp_path: Path) -> None:
    files = {step: growing[step] for step in (50, 100)}
    calm, painter = FakePainter(), FakePainter()
    whole = ended(run(files, calm))
    asked = iter([Wish.GO_ON] * 9)
    first = run(files, painter, folder=tmp_path, wanted=lambda: next(asked, Wish.GIVE_WAY))
    assert isinstance(first[-1], JudgingStopped)
    before = painter.drawn
    assert before <= 9 * painter.batch
    again = ended(run(files, painter, folder=tmp_path))
    assert again == whole
    assert painter.drawn < before + calm.drawn
    assert painter.drawn - calm.drawn < 16  # less than one checkpoint was drawn twice
    spent = painter.drawn
    assert ended(run(files, painter, folder=tmp_path)) == whole
    assert painter.drawn == spent


@pytest.mark.parametrize("given", [{}, {100: Path("nowhere/adapter.safetensors")}])
def test_what_is_not_there_cannot_be_judged(given: dict[int, Path]) -> None:
    with pytest.raises(ConfigError, match="nothing to judge|cannot be read"):
        run(given)


def test_of_a_long_run_some_are_looked_at_and_the_last_always() -> None:
    files = {step: Path(str(step)) for step in range(50, 1550, 50)}
    chosen = [*JudgingSettings(most=5).choose(files)]
    assert chosen == [300, 600, 900, 1200, 1500]
    assert [*JudgingSettings(most=5).choose({2: Path("b"), 1: Path("a")})] == [1, 2]
    assert JudgingSettings().choose({}) == {}


def test_what_is_behind_by_the_loss_of_held_out_pictures_is_not_looked_at() -> None:
    files = {step: Path(str(step)) for step in (50, 100, 150, 200)}
    losses = {50: {0.1: 0.1, 0.9: 0.287}, 100: {0.1: 0.9, 0.9: 0.207}, 150: {0.1: 0.6, 0.9: 0.201}}
    assert [*JudgingSettings().choose(files, losses)] == [100, 150, 200]  # nothing is known of the last
    assert [*JudgingSettings(behind=1.02).choose(files, losses)] == [150, 200]
    assert [*JudgingSettings().choose(files, {50: {0.9: float("nan")}, 100: {0.9: 0.2}})] == [50, 100, 150, 200]


def test_a_judging_that_knows_the_losses_draws_less(growing: dict[int, Path], judged: list[JudgingEvent]) -> None:
    calm, told = FakePainter(), FakePainter()
    run(growing, calm)
    judgement = ended(run(growing, told, held_out_loss={50: {0.9: 0.5}, 100: {0.9: 0.2}, 150: {0.9: 0.2}}))
    assert judgement.pick.step == ended(judged).pick.step
    assert {one.step for one in judgement.judged} == {100, 150, 200}
    assert told.drawn < calm.drawn

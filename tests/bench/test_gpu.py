"""The GPU bench runs as a whole where there is no GPU: every figure is had, and the table names them all."""

from __future__ import annotations

import io
import json
import math

import pytest
import torch
from rich.console import Console

from tests.bench.gpu import goals, measure
from tests.bench.gpu.goals import GOALS, Figure
from tests.bench.gpu.model import CPU, Bench
from tests.bench.gpu.sizes import FULL, TOY

pytestmark = pytest.mark.filterwarnings("ignore:dynamo_pgo force disabled")  # as a cold compile wants it

COUNTS = {"H9"}


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    torch.set_num_threads(1)
    return measure.measure(CPU, TOY, [goal.id for goal in GOALS])


@pytest.mark.long
def test_gives_every_figure_but_those_not_built(figures: list[Figure]) -> None:
    assert {figure.id: figure.reason for figure in figures if figure.value is None} == measure.NOT_BUILT
    for figure in figures:
        if figure.value is not None:
            assert math.isfinite(figure.value)
            assert figure.value > 0 or figure.id in COUNTS, figure.id


@pytest.mark.long
def test_a_swap_or_another_number_of_steps_compiles_nothing(figures: list[Figure]) -> None:
    assert [figure.value for figure in figures if figure.id == "H9"] == [0]


@pytest.mark.long
def test_table_and_json_name_every_figure_and_call_a_toy_a_toy(figures: list[Figure]) -> None:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(goals.describe(figures, "", toy=True))
    table = console.export_text()
    assert all(goal.name in table for goal in GOALS)
    assert table.count("means nothing") == len(GOALS) - len(measure.NOT_BUILT)
    written = json.loads(goals.as_json(figures, "CPU", toy=True))
    assert written["toy"]
    assert [row["id"] for row in written["figures"]] == [goal.id for goal in GOALS]


def test_what_fails_is_a_reason_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def short_of_memory(*_: object) -> None:
        raise torch.OutOfMemoryError("tried to allocate too much")

    monkeypatch.setattr(Bench, "draw", short_of_memory)
    found = {figure.id: figure for figure in measure.measure(CPU, TOY, ["H1", "H7.256.eager"])}
    assert found["H1"] == Figure("H1", None, "not enough memory")
    assert found["H7.256.eager"].value


def test_judges_by_floor_and_stretch() -> None:
    verdicts = [Figure("H2", value).verdict for value in (1.0, 1.5, 1.7)]
    assert verdicts == ["BELOW FLOOR", "floor", "stretch"]
    assert [Figure("H10", value).verdict for value in (6, 3, 1)] == verdicts


def test_counts_the_arithmetic_of_a_full_size_step_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(CPU, TOY)
    bench.size = FULL
    monkeypatch.setattr(bench.transformer, "inner_dim", 24 * 128)
    assert bench.step_tflop(1024) == pytest.approx(74.3, rel=1e-3)
    assert bench.step_tflop(256) == pytest.approx(10.3, rel=1e-2)

"""What one GPU should reach with a full-size FLUX.1-dev, as a table, and how what was measured is shown beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure. `lower` where less is better; without `floor` it only explains the others."""

    id: str
    name: str
    unit: str
    floor: float | None = None
    stretch: float | None = None
    lower: bool = False


GOALS = (
    Goal("H1", "1024², 28 steps, eager", "s", 7.0, 5.5, lower=True),
    Goal("H2", "eager ÷ blocks compiled, with cuDNN attention", "×", 1.45, 1.7),
    Goal("H2.attention", "eager ÷ eager with cuDNN attention", "×"),
    Goal("H3", "cold compile: whole model ÷ by blocks", "×", 5, 7),
    Goal("H3.blocks", "cold compile by blocks", "s"),
    Goal("H4", "H2's way ÷ the same with FP8 linears", "×", 1.15, 1.25),
    Goal("H5", "all steps ÷ every second one skipped, compiled", "×", 1.7, 1.9),
    Goal("H6.exact", "eager ÷ the best exact way", "×", 1.5, 1.8),
    Goal("H6.approximate", "eager ÷ the best way that skips steps", "×", 3.0, 3.8),
    Goal("H7.256.eager", "throughput of 4 rows ÷ of 1, 256², eager", "×", 1.5, 2.5),
    Goal("H7.256.compiled", "the same, compiled", "×", 1.5, 2.5),
    Goal("H7.512.eager", "throughput of 4 rows ÷ of 1, 512², eager", "×", 1.1, 1.4),
    Goal("H7.512.compiled", "the same, compiled", "×", 1.1, 1.4),
    Goal("H7.1024.eager", "throughput of 4 rows ÷ of 1, 1024², eager", "×", 1.0, 1.07),
    Goal("H7.1024.compiled", "the same, compiled", "×", 1.0, 1.07),
    Goal("H8", "step with a LoRA (rank 16) ÷ without, 1024², compiled", "×", 1.15, 1.08, lower=True),
    Goal("H8.eager", "the same, eager", "×"),
    Goal("H9", "recompilations over swaps of the LoRA and four step counts", "", 0, 0, lower=True),
    Goal("H10", "a step's delay by a LoRA loaded from pinned memory, 512²", "ms", 5, 2, lower=True),
    Goal("H11", "four LoRAs at 512²: one after another ÷ one batch, compiled", "×", 1.1, 1.4),
    Goal("H11.eager", "the same, eager", "×"),
    Goal("H12", "share of the engine's tick outside the model, 1024², compiled", "", 0.03, 0.01, lower=True),
    Goal("H13", "share of the chip's peak arithmetic, 1024², best exact way", "", 0.50, 0.60),
)
_BY_ID = {goal.id: goal for goal in GOALS}


@dataclass(frozen=True, slots=True)
class Figure:
    """What came of a goal: its value, or the reason why there is none."""

    id: str
    value: float | None
    reason: str = ""

    @property
    def goal(self) -> Goal:
        return _BY_ID[self.id]

    @property
    def verdict(self) -> str:
        goal, value = self.goal, self.value
        if value is None or goal.floor is None or goal.stretch is None:
            return ""
        sign = -1 if goal.lower else 1
        if sign * value >= sign * goal.stretch:
            return "stretch"
        return "floor" if sign * value >= sign * goal.floor else "BELOW FLOOR"


def describe(figures: Sequence[Figure], title: str, toy: bool) -> Table:
    """The table for people. A toy's figures are judged by no goal."""
    table = Table(title=title)
    for column in ("id", "figure", "measured", "floor", "stretch", ""):
        table.add_column(column, no_wrap=column == "id")
    for figure in figures:
        goal = figure.goal
        measured = "–" if figure.value is None else f"{figure.value:.3g} {goal.unit}".strip()
        verdict = figure.reason or ("toy: means nothing" if toy else figure.verdict)
        table.add_row(goal.id, goal.name, measured, _number(goal.floor), _number(goal.stretch), verdict)
    return table


def as_json(figures: Sequence[Figure], machine: str, toy: bool) -> str:
    """The same for programs."""
    rows = [
        {
            "id": figure.id,
            "name": figure.goal.name,
            "unit": figure.goal.unit,
            "value": figure.value,
            "floor": figure.goal.floor,
            "stretch": figure.goal.stretch,
            "reason": figure.reason,
        }
        for figure in figures
    ]
    return json.dumps({"machine": machine, "toy": toy, "figures": rows}, indent=2, ensure_ascii=False)


def show(figures: Sequence[Figure], machine: str, toy: bool) -> None:
    title = f"FLUX.1-dev, random weights, {machine}"
    Console(highlight=False).print(describe(figures, f"TOY MODEL, {machine}" if toy else title, toy))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"

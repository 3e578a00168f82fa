"""Results as a forest plot: each arm's share beside the champion, with its interval, around the line where both are
alike. Shapes first, so that a page draws them as it likes, and the files here look the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.charts.shapes import Box, Line, Shape, Text
from router.experiments.statistics.arm_results import ArmResult
from router.experiments.statistics.results import Results

WIDTH = 720
_LABELS, _NUMBERS, _ROW, _TOP, _BOTTOM = 150, 190, 34, 58, 46
_LABEL = 18  # characters
_INK, _FAINT, _CLEAR, _UNSURE = "#202124", "#9aa0a6", "#1a73e8", "#5f6368"


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One arm, shares from 0 to 1. `clear`: its interval does not hold one half."""

    label: str
    low: float
    value: float
    high: float
    numbers: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest plot, as numbers and words. The axis goes from `low` to `high`."""

    title: str
    axis: str
    rows: tuple[ForestRow, ...]
    low: float
    high: float


def plant(results: Results) -> Forest:
    """The plot of these results: arms that have met the champion, the strongest first."""
    arms = sorted((arm for arm in results.arms if arm.share is not None), key=lambda arm: -arm.strength)
    rows = tuple(_row(arm) for arm in arms)
    edge = max([0.05, *(max(0.5 - row.low, row.high - 0.5) for row in rows)])
    reach = min(0.5, 0.05 * -(-edge // 0.05))
    return Forest(results.verdict, f"preferred to {results.champion}, %", rows, 0.5 - reach, 0.5 + reach)


def _row(arm: ArmResult) -> ForestRow:
    assert arm.share is not None
    share, rank = arm.share, arm.rank
    low, value, high = (round(100 * part) for part in (share.low, share.value, share.high))
    ranks = "" if rank is None else f", rank {rank[0]}" if rank[0] == rank[1] else f", rank {rank[0]}-{rank[1]}"
    numbers = f"{value} % ({low}-{high}), {arm.votes} votes{ranks}"
    return ForestRow(arm.id, share.low, share.value, share.high, numbers, not share.low <= 0.5 <= share.high)


def height_of(forest: Forest) -> int:
    """In pixels, as wide as `WIDTH`."""
    return _TOP + _ROW * max(1, len(forest.rows)) + _BOTTOM


def shapes_of(forest: Forest) -> Iterator[Shape]:
    """What the plot is drawn of, the hindmost first."""
    height, bottom = height_of(forest), height_of(forest) - _BOTTOM
    yield Box(0, 0, WIDTH, height, "#ffffff")
    yield Text(16, 26, forest.title, _INK, 14)
    for tick in range(5):
        share = forest.low + (forest.high - forest.low) * tick / 4
        x = _place(forest, share)
        yield Line(x, _TOP - 8, x, bottom, _INK if tick == 2 else "#e8eaed", 1.0)
        yield Text(x, bottom + 14, f"{100 * share:.3g}", _FAINT, 11, "middle")
    yield Text(_place(forest, 0.5), bottom + 32, forest.axis, _UNSURE, 12, "middle")
    for number, row in enumerate(forest.rows):
        yield from _shapes_of_row(forest, row, _TOP + _ROW * number + _ROW / 2)
    if not forest.rows:
        yield Text(_place(forest, 0.5), _TOP + _ROW / 2, "no votes yet", _FAINT, 12, "middle")


def _shapes_of_row(forest: Forest, row: ForestRow, y: float) -> Iterator[Shape]:
    colour = _CLEAR if row.clear else _UNSURE
    low, middle, high = (_place(forest, share) for share in (row.low, row.value, row.high))
    label = row.label if len(row.label) <= _LABEL else f"{row.label[: _LABEL - 1]}…"
    yield Text(16, y, label, _INK, 13)
    yield Line(low, y, high, y, colour, 2.0)
    for end in (low, high):
        yield Line(end, y - 4, end, y + 4, colour, 2.0)
    yield Box(middle - 4.5, y - 4.5, 9, 9, colour)
    yield Text(WIDTH - 12, y, row.numbers, _UNSURE, 11, "end")


def _place(forest: Forest, share: float) -> float:
    left, right = _LABELS, WIDTH - _NUMBERS - 20
    return left + (right - left) * (share - forest.low) / (forest.high - forest.low)

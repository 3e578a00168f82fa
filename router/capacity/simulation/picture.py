"""A run as a picture: how many machines were paid for, how long people waited, what it had cost by then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from router.capacity.simulation.records import Record
from router.charts.shapes import Box, Drawing, Line, Shape, Text

_WIDTH, _PANEL, _LEFT, _RIGHT, _TOP = 760, 120, 64, 16, 44
_INK, _FAINT, _RULE, _SOFT = "#202124", "#9aa0a6", "#e8eaed", "#5f6368"
COLOURS = ("#1a73e8", "#e8a33d", "#9aa0a6", "#34a853")


@dataclass(frozen=True, slots=True)
class Side:
    """A way to scale, and what became of the same jobs under it."""

    name: str
    record: Record


def draw(title: str, sides: Sequence[Side], days: float, currency: str) -> Drawing:
    """Three panels below each other, over the same days; waits as the share of jobs that waited no longer."""
    height = _TOP + 3 * (_PANEL + 46) + 8
    shapes: list[Shape] = [Box(0, 0, _WIDTH, height, "#ffffff"), Text(16, 18, title, _INK, 14)]
    shapes += _legend(sides)
    tops = [_TOP + 20 + i * (_PANEL + 46) for i in range(3)]
    unit, length = ("h", 3600.0) if days <= 3 else ("day", 86400.0)
    across = days * 86400 / length
    machines = [[(one.at / length, float(one.nodes)) for one in side.record.moments] for side in sides]
    money = [[(one.at / length, one.dollars) for one in side.record.moments] for side in sides]
    waits = [_waits(side.record) for side in sides]
    shapes += _panel("machines that are paid for", machines, tops[0], across, unit, stepped=True)
    shapes += _panel(f"paid so far, {currency}", money, tops[1], across, unit)
    shapes += _panel("jobs that waited no longer than so many seconds, %", waits, tops[2], 300.0, "s", most=100.0)
    return Drawing(title, _WIDTH, height, tuple(shapes))


def _waits(record: Record) -> list[tuple[float, float]]:
    """The share of jobs by seconds, up to five minutes."""
    ordered = sorted(record.waits)
    total, found = max(record.arrived, 1), []
    for seconds in range(0, 301, 3):
        found.append((float(seconds), 100 * bisect_right(ordered, seconds) / total))
    return found


def _legend(sides: Sequence[Side]) -> Iterator[Shape]:
    x = 16.0
    for side, colour in zip(sides, COLOURS, strict=False):
        yield Box(x, 32, 10, 10, colour)
        yield Text(x + 15, 37, side.name, _SOFT, 11)
        x += 30 + 6.2 * len(side.name)


def _panel(
    title: str,
    series: Sequence[Sequence[tuple[float, float]]],
    top: float,
    across: float,
    unit: str,
    most: float | None = None,
    stepped: bool = False,
) -> Iterator[Shape]:
    most = most or max((y for points in series for _, y in points), default=1.0) or 1.0
    yield Text(_LEFT, top - 10, title, _SOFT, 11)
    for tick in range(5):
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * tick / 4
        yield Line(x, top, x, top + _PANEL, _RULE)
        anchor: Literal["end", "middle"] = "end" if tick == 4 else "middle"
        yield Text(x, top + _PANEL + 10, f"{_read_out(across * tick / 4)} {unit}", _FAINT, 10, anchor)
    for share in (0.0, 0.5, 1.0):
        y = top + _PANEL * (1 - share)
        yield Line(_LEFT, y, _WIDTH - _RIGHT, y, _RULE)
        yield Text(_LEFT - 6, y, _read_out(most * share), _FAINT, 10, "end")
    for points, colour in reversed([*zip(series, COLOURS, strict=False)]):
        yield from _curve(points, top, across, most, colour, stepped)


def _curve(
    points: Sequence[tuple[float, float]], top: float, across: float, most: float, colour: str, stepped: bool
) -> Iterator[Shape]:
    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(x / across, 1.0), top + _PANEL * (1 - min(y / most, 1.0))

    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        (left, high), (right, low) = place(x1, y1), place(x2, y2)
        if stepped:
            yield Line(left, high, right, high, colour, 1.5)
            if high != low:
                yield Line(right, high, right, low, colour, 1.5)
        else:
            yield Line(left, high, right, low, colour, 1.5)


def _read_out(value: float) -> str:
    """Three figures, and no powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

"""Two ways to do the same, timed in turn in one process, so that what else the machine does falls on both."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from rich.table import Table

THREADS = min(2, os.cpu_count() or 1)
"""Of the device. With two, a call that is too small for both costs little more with more rows, as on a GPU."""


@dataclass(frozen=True)
class Figure:
    """One ratio, and the milliseconds of both of its sides."""

    name: str
    value: float
    floor: float
    aim: float
    sides: tuple[float, float]


def in_turn(sides: Sequence[Callable[[], None]], rounds: int) -> list[float]:
    """Median milliseconds of each side, the first round left out."""
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds + 1):
        for side, seconds in zip(sides, taken, strict=True):
            begun = time.perf_counter()
            side()
            seconds.append(time.perf_counter() - begun)
    return [statistics.median(seconds[1:]) * 1000 for seconds in taken]


def describe(title: str, figures: Sequence[Figure]) -> Table:
    """The table for people."""
    table = Table(title=f"{title}, {THREADS} threads, {platform.machine()}, {date.today()}")
    for column in ("ratio", "value", "floor", "aim", "ms"):
        table.add_column(column)
    for figure in figures:
        sides = " / ".join(f"{side:.2f}" for side in figure.sides)
        table.add_row(figure.name, f"{figure.value:.2f}", f"{figure.floor:g}", f"{figure.aim:g}", sides)
    return table

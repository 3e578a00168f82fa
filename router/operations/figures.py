"""The last day as the job table has it: how long people waited, how jobs ended, and what drawing took, hour by hour."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, select

from router.jobs.model import HELD_BACK
from router.jobs.tables import jobs
from router.storage.columns import name_text
from router.storage.database import AnyRow

HOURS = 24
MOST_JOBS = 20_000
"""That are looked at, the newest: a day of more is told in part."""

DAY: Select[tuple[object, ...]] = (
    select(
        jobs.c.deployment,
        jobs.c.owner,
        jobs.c.batch,
        jobs.c.status,
        jobs.c.created_at,
        jobs.c.started_at,
        (jobs.c.drawing_seconds * jobs.c.progress).label("drawn_seconds"),
    )
    .where(jobs.c.id >= bindparam("first", type_=name_text()))
    .order_by(jobs.c.id.desc())
    .limit(MOST_JOBS)
)


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds until half of the people, and nineteen of twenty, saw their jobs begin; None where nobody waited."""

    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Hour:
    """Of the jobs that were accepted in an hour from `at` on: how they stand, and what drawing took, as planned."""

    at: datetime
    outcomes: Counter[str]
    waits: Waits
    drawn_seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`hours` from the oldest on, empty ones too; `drawn` by deployment. `partial`: there were more jobs than these."""

    hours: tuple[Hour, ...]
    waits: Waits
    drawn: dict[str, float]
    partial: bool


def first_hour(now: datetime) -> datetime:
    """When the first of the hours begins, of which the last is under way."""
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)


def first_id(now: datetime) -> str:
    """Below the ids of all jobs since then: they begin with the milliseconds of their time."""
    return f"{round(first_hour(now).timestamp() * 1000):012x}"


def read_figures(rows: Sequence[AnyRow], now: datetime) -> Figures:
    """Of the rows of `DAY`."""
    begin = first_hour(now)
    hours: list[list[AnyRow]] = [[] for _ in range(HOURS)]
    drawn: Counter[str] = Counter()
    for row in rows:
        hours[min(max(int((row.created_at - begin) / timedelta(hours=1)), 0), HOURS - 1)].append(row)
        if row.drawn_seconds:
            drawn[row.deployment] += row.drawn_seconds
    told = tuple(_hour(begin + timedelta(hours=number), those) for number, those in enumerate(hours))
    return Figures(told, _waits(rows), dict(drawn), len(rows) >= MOST_JOBS)


def _hour(at: datetime, rows: Sequence[AnyRow]) -> Hour:
    return Hour(at, Counter(row.status for row in rows), _waits(rows), sum(row.drawn_seconds for row in rows))


def _waits(rows: Iterable[AnyRow]) -> Waits:
    """Of those that somebody waits for: neither of batches nor of experiments."""
    seconds = sorted(
        (row.started_at - row.created_at).total_seconds()
        for row in rows
        if row.started_at is not None and not row.batch and not row.owner.startswith(HELD_BACK)
    )
    if not seconds:
        return Waits()
    return Waits(_rank(seconds, 0.5), _rank(seconds, 0.95))


def _rank(ordered: Sequence[float], share: float) -> float:
    """The nearest rank."""
    return max(ordered[math.ceil(len(ordered) * share) - 1], 0.0)

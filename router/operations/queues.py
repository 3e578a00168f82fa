"""What waits for each deployment, and since when, as the job table has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from configs.sharing import split_name
from router.jobs.tables import UNFINISHED, jobs
from router.jobs.turns import leasable
from router.storage.database import AnyRow

QUEUES = (
    select(
        jobs.c.deployment,
        func.count().label("jobs"),
        func.sum(jobs.c.drawing_seconds * (1 - jobs.c.progress)).label("seconds"),
        func.min(jobs.c.created_at).label("since"),
    )
    .where(UNFINISHED, leasable(jobs), jobs.c.deployment != "")
    .group_by(jobs.c.deployment)
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs that nobody works on, the predicted seconds of drawing them, and how long the oldest has waited."""

    jobs: int
    seconds: float
    oldest_seconds: float


def read_queues(rows: Iterable[AnyRow], now: datetime) -> dict[str, Queue]:
    """By deployment: placements that share replicas are one. Empty queues are absent."""
    found: dict[str, Queue] = {}
    for row in rows:
        name, _ = split_name(row.deployment)
        before = found.get(name, Queue(0, 0.0, 0.0))
        waited = max((now - row.since).total_seconds(), before.oldest_seconds)
        found[name] = Queue(before.jobs + row.jobs, before.seconds + row.seconds, waited)
    return found

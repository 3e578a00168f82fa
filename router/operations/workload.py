"""Unfinished work by the deployment that draws it, in predicted seconds: what waits, and what is in work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from router.jobs.tables import UNFINISHED, jobs
from router.jobs.turns import leasable
from router.operations.figures import DAY, Figures, first_id, read_figures
from router.operations.queues import QUEUES, Queue, read_queues
from router.storage.database import AnyRow, Database

_REMAINS = 1 - jobs.c.progress
_WAITS = leasable(jobs)
_WORK = (
    select(
        jobs.c.deployment,
        func.count().filter(_WAITS).label("waiting_jobs"),
        func.coalesce(func.sum(jobs.c.pictures * _REMAINS).filter(_WAITS), 0).label("waiting_pictures"),
        func.coalesce(func.sum(jobs.c.drawing_seconds * _REMAINS).filter(_WAITS), 0).label("waiting_seconds"),
        func.count().label("all_jobs"),
        func.coalesce(func.sum(jobs.c.pictures * _REMAINS), 0).label("all_pictures"),
        func.coalesce(func.sum(jobs.c.drawing_seconds * _REMAINS), 0).label("all_seconds"),
    )
    .where(UNFINISHED)
    .group_by(jobs.c.deployment)
)


@dataclass(frozen=True, slots=True)
class Work:
    """Jobs, their pictures that are not finished, and the predicted seconds that drawing these takes."""

    jobs: int = 0
    pictures: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """Of one deployment: what nobody works on yet, and what somebody does."""

    queued: Work = Work()
    running: Work = Work()


class Workload:
    """Reads only."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._clock = database, clock

    async def by_deployment(self) -> dict[str, Load]:
        """Those for which nothing is to do are absent. Raises `StoreUnavailable`."""
        found = await self._database.read(_WORK, now=self._clock())
        return {row.deployment: _read(row) for row in found}

    async def figures(self) -> Figures:
        """The last day, hour by hour. Raises `StoreUnavailable`."""
        now = self._clock()
        return read_figures(await self._database.read(DAY, first=first_id(now)), now)

    async def queues(self) -> dict[str, Queue]:
        """What waits for each deployment, and since when. Raises `StoreUnavailable`."""
        now = self._clock()
        return read_queues(await self._database.read(QUEUES, now=now), now)


def _read(row: AnyRow) -> Load:
    queued = Work(row.waiting_jobs, row.waiting_pictures, row.waiting_seconds)
    running = Work(
        row.all_jobs - queued.jobs,
        max(row.all_pictures - queued.pictures, 0.0),
        max(row.all_seconds - queued.seconds, 0.0),
    )
    return Load(queued, running)

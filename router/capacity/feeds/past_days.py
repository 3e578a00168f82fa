"""What the coming hour may bring: what the same hour brought on each of the last seven days, out of the job table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select

from router.capacity.feeds.jobs import first_id
from router.jobs.tables import jobs
from router.storage.database import Database

DAYS = 7
_HOUR = timedelta(hours=1)
_KEPT = timedelta(minutes=5)

_SAME_HOUR = or_(
    *(and_(jobs.c.id >= bindparam(f"from_{day}"), jobs.c.id < bindparam(f"until_{day}")) for day in range(1, DAYS + 1))
)
_BROUGHT = (
    select(jobs.c.deployment, func.count().label("jobs"), func.sum(jobs.c.drawing_seconds).label("seconds"))
    .where(_SAME_HOUR, jobs.c.status != "canceled")
    .group_by(jobs.c.deployment)
)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Of one placement: work in seconds per second, and jobs an hour; means over seven days, those without any too."""

    arriving: float
    jobs_per_hour: float


class PastDays:
    """Reads only; asks the database every five minutes at most."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._clock = database, clock
        self._asked_at: datetime | None = None
        self._known: Mapping[str, Foreseen] = {}

    async def foreseen(self) -> Mapping[str, Foreseen]:
        """By placement. Raises `StoreUnavailable`."""
        now = self._clock()
        if self._asked_at is None or now - self._asked_at >= _KEPT:
            rows = await self._database.read(_BROUGHT, **_hours(now))
            seconds = DAYS * _HOUR.total_seconds()
            self._known = {row.deployment: Foreseen(row.seconds / seconds, row.jobs / DAYS) for row in rows}
            self._asked_at = now
        return self._known


def _hours(now: datetime) -> dict[str, str]:
    """Bounds of the hour that begins now, on each of the days before, as ids that sort by time."""
    bounds: dict[str, str] = {}
    for day in range(1, DAYS + 1):
        begin = now - timedelta(days=day)
        bounds |= {f"from_{day}": first_id(begin), f"until_{day}": first_id(begin + _HOUR)}
    return bounds

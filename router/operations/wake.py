"""Whether anybody has to draw: what wakes a worker that is not there, keeps one that is, and tells people to wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, select

from router.jobs.tables import PROCESSING, UNFINISHED, jobs
from router.storage.database import Database

_UNFINISHED = select(func.count().label("jobs")).select_from(jobs).where(UNFINISHED)
_HELD = (
    select(func.count().label("jobs"))
    .select_from(jobs)
    .where(PROCESSING, jobs.c.lease_until > bindparam("now", type_=jobs.c.lease_until.type))
)

WAKE_QUERY = " ".join(str(_UNFINISHED).split())
"""For whoever starts workers from outside, such as KEDA's scaler `postgresql`: jobs that are queued or processing, as
one number. One that is being drawn counts: without it, a scaler would take its worker away in the middle."""


class Wake:
    """Reads only."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._clock = database, clock

    async def unfinished(self) -> int:
        """What `WAKE_QUERY` answers. Raises `StoreUnavailable`."""
        (row,) = await self._database.read(_UNFINISHED)
        return int(row.jobs)

    async def is_drawn(self) -> bool:
        """Whether some worker holds a job now. Raises `StoreUnavailable`."""
        (row,) = await self._database.read(_HELD, now=self._clock())
        return bool(row.jobs)

"""What was asked of this studio, read from its own job table."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from configs.errors import InvalidRequest
from router.capacity.simulation.trace import Arrival, Trace
from router.jobs.tables import jobs
from router.storage.database import Database

_JOBS = (
    select(jobs.c.created_at, jobs.c.deployment, jobs.c.drawing_seconds, jobs.c.pictures)
    .where(jobs.c.deployment != "")
    .order_by(jobs.c.created_at)
)


async def read_past(database: Database, days: float | None = None) -> Trace:
    """The last `days` (all that is known if None), by deployment, in the seconds that were predicted of each. Raises
    `InvalidRequest` where nobody has asked for anything, and `StoreUnavailable`."""
    found = await database.read(_JOBS)
    if not found:
        raise InvalidRequest("there are no jobs in the database yet: draw something first, or replay a CSV file")
    last = found[-1].created_at
    began = found[0].created_at if days is None else max(last - timedelta(days=days), found[0].created_at)
    began = began.replace(hour=0, minute=0, second=0, microsecond=0) if days is None else began
    arrivals = (
        Arrival((row.created_at - began).total_seconds(), row.deployment, row.drawing_seconds, row.pictures)
        for row in found
        if row.created_at >= began
    )
    return Trace.of(arrivals, began=began)

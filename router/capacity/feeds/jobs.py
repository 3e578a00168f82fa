"""What the job table says: work that waits and that is in hand, how fast it comes, and how right predictions were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, bindparam, func, select

from router.jobs.tables import UNFINISHED, jobs
from router.jobs.turns import leasable
from router.storage.database import AnyRow, Database

ARRIVAL_SECONDS = 300.0
_RECENT = timedelta(hours=1)  # over which predictions are compared with what was taken

_WAITS = leasable(jobs)
_REMAINS = jobs.c.drawing_seconds * (1 - jobs.c.progress)
_UNFINISHED = (
    select(
        jobs.c.deployment,
        func.count().label("jobs"),
        func.count().filter(_WAITS).label("waiting_jobs"),
        func.sum(jobs.c.pictures * (1 - jobs.c.progress)).label("pictures"),
        func.sum(jobs.c.pictures).label("all_pictures"),
        func.coalesce(func.sum(_REMAINS).filter(_WAITS), 0).label("waiting_seconds"),
        func.sum(_REMAINS).label("seconds"),
        func.min(jobs.c.created_at).filter(_WAITS).label("oldest"),
    )
    .where(UNFINISHED)
    .group_by(jobs.c.deployment)
)
# Ids sort by time of creation: the last hour is one range of the primary key, and no further index is needed.
_SINCE = jobs.c.id >= bindparam("since")
_CAME = and_(jobs.c.id >= bindparam("just"), jobs.c.status != "canceled")
_LATELY = (
    select(
        jobs.c.deployment,
        func.count().label("jobs"),
        func.sum(jobs.c.drawing_seconds).label("seconds"),
        func.coalesce(func.sum(jobs.c.drawing_seconds).filter(_CAME), 0).label("arrived"),
    )
    .where(_SINCE)
    .group_by(jobs.c.deployment)
)
_COMPLETE = (
    select(jobs.c.deployment, jobs.c.started_at, jobs.c.ended_at, jobs.c.estimated_seconds)
    .where(_SINCE, jobs.c.status == "complete", jobs.c.started_at.is_not(None), jobs.c.ended_at.is_not(None))
    .order_by(jobs.c.id.desc())
    .limit(500)
)


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one placement. `at_a_time` are pictures of a job; `arriving` seconds of work that come per second, over five
    minutes; `taken_seconds` those of the last hour in which some of its jobs were drawn, and `predicted_seconds` what
    these were to take one after another."""

    jobs: int = 0
    waiting_jobs: int = 0
    pictures: float = 0.0
    at_a_time: float = 1.0
    waiting_seconds: float = 0.0
    in_hand_seconds: float = 0.0
    oldest_wait_seconds: float = 0.0
    arriving: float = 0.0
    seconds_per_job: float | None = None
    taken_seconds: float = 0.0
    predicted_seconds: float = 0.0


class JobFeed:
    """Reads only."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._clock = database, clock

    async def by_placement(self) -> dict[str, Demand]:
        """Of all that have unfinished jobs, or had some within the hour. Raises `StoreUnavailable`."""
        now = self._clock()
        unfinished = {row.deployment: row for row in await self._database.read(_UNFINISHED, now=now)}
        since, just = first_id(now - _RECENT), first_id(now - timedelta(seconds=ARRIVAL_SECONDS))
        lately = {row.deployment: row for row in await self._database.read(_LATELY, since=since, just=just)}
        complete = await self._database.read(_COMPLETE, since=since)
        names = unfinished.keys() | lately.keys()
        return {name: _demand(unfinished.get(name), lately.get(name), _taken(complete, name), now) for name in names}


def first_id(at: datetime) -> str:
    """What sorts before all ids of jobs that were made since then."""
    return f"{round(at.timestamp() * 1000):012x}"


def _demand(unfinished: AnyRow | None, lately: AnyRow | None, taken: tuple[float, float], now: datetime) -> Demand:
    told = Demand(taken_seconds=taken[0], predicted_seconds=taken[1])
    if lately is not None:
        told = replace(told, arriving=lately.arrived / ARRIVAL_SECONDS, seconds_per_job=lately.seconds / lately.jobs)
    if unfinished is None:
        return told
    oldest = unfinished.oldest
    return replace(
        told,
        jobs=unfinished.jobs,
        waiting_jobs=unfinished.waiting_jobs,
        pictures=unfinished.pictures,
        at_a_time=unfinished.all_pictures / unfinished.jobs,
        waiting_seconds=unfinished.waiting_seconds,
        in_hand_seconds=max(unfinished.seconds - unfinished.waiting_seconds, 0.0),
        oldest_wait_seconds=0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0),
    )


def _taken(complete: Sequence[AnyRow], deployment: str) -> tuple[float, float]:
    """Seconds in which at least one of these jobs was drawn: an engine draws several in one go, so that the seconds of
    each by itself would be counted twice. And what they were predicted to take together."""
    mine = sorted(
        (row.started_at, row.ended_at, row.estimated_seconds) for row in complete if row.deployment == deployment
    )
    seconds, until = 0.0, None
    for begun, ended, _ in mine:
        begun = begun if until is None else max(begun, until)
        seconds += max((ended - begun).total_seconds(), 0.0)
        until = ended if until is None else max(ended, until)
    return seconds, sum(predicted for _, _, predicted in mine)

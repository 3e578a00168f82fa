"""What the jobs of an owner have told, as all their streams read it.

What a comparison draws is the comparison's: no stream tells of it, as no list of jobs has it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from router.jobs import rows
from router.jobs.model import HELD_BACK, JobEvent
from router.jobs.statements import OF_COMPARISON
from router.jobs.tables import event_streams, job_events, jobs
from router.storage.database import Database
from router.streams.cursor import BEGINNING, Cursor

MOST_MISSED = 1000
"""Events that are replayed; who has missed more reads anew what there is."""
PAGE = 200

_OWNER = job_events.c.owner == bindparam("of_owner")
_NEWEST = (
    select(job_events.c.number, job_events.c.job_id, job_events.c.seq)
    .where(_OWNER)
    .order_by(job_events.c.number.desc())
    .limit(1)
)
_AT = select(job_events.c.job_id, job_events.c.seq).where(_OWNER, job_events.c.number == bindparam("at"))
_SINCE = (
    select(
        job_events.c.number,
        job_events.c.job_id,
        job_events.c.seq,
        job_events.c.type,
        job_events.c.payload,
        job_events.c.at,
    )
    .join(jobs, jobs.c.id == job_events.c.job_id)
    .where(_OWNER, job_events.c.number > bindparam("after"), ~OF_COMPARISON)
    .order_by(job_events.c.number)
    .limit(PAGE)
)
_LAST = select(event_streams.c.owner, event_streams.c.last).where(
    event_streams.c.owner.in_(bindparam("owners", expanding=True))
)
_WHOSE = select(jobs.c.owner).where(jobs.c.id == bindparam("of_job"), ~OF_COMPARISON)


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and where somebody is who has heard it."""

    cursor: Cursor
    event: JobEvent


class StreamStore:
    """Reads only: whoever writes an event has numbered it (`router/jobs/event_log.py`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self, owner: str) -> Cursor:
        """After all that was told so far."""
        found = await self._database.read(_NEWEST, of_owner=owner)
        return Cursor.of(found[0].number, found[0].job_id, found[0].seq) if found else BEGINNING

    async def can_go_on(self, owner: str, cursor: Cursor, now: Cursor) -> bool:
        """Whether it is of this log, and `now` not too far ahead of it."""
        if not 0 <= now.number - cursor.number <= MOST_MISSED:
            return False
        if cursor.number == 0:
            return cursor == BEGINNING
        found = await self._database.read(_AT, of_owner=owner, at=cursor.number)
        return bool(found) and Cursor.of(cursor.number, found[0].job_id, found[0].seq) == cursor

    async def since(self, owner: str, cursor: Cursor) -> tuple[Told, ...]:
        """What comes next, in order; fewer than `PAGE` at the end."""
        found = await self._database.read(_SINCE, of_owner=owner, after=cursor.number)
        return tuple(
            Told(Cursor.of(row.number, row.job_id, row.seq), rows.read_event(row.job_id, row)) for row in found
        )

    async def last(self, owners: Collection[str]) -> dict[str, int]:
        """How much the jobs of each have told; who has none is absent."""
        found = await self._database.read(_LAST, owners=list(owners))
        return {row.owner: row.last for row in found}

    async def whose(self, job_id: str) -> str | None:
        """The owner whose streams tell of a job; None where none does."""
        found = await self._database.read(_WHOSE, of_job=job_id)
        return found[0].owner if found and not found[0].owner.startswith(HELD_BACK) else None

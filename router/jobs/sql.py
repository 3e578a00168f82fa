"""The durable job store on SQLite or PostgreSQL: the protocol of `store.py` in SQL, one implementation for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from router.jobs import rows, statements, turns
from router.jobs.database import Database
from router.jobs.model import (
    Backlog,
    EventType,
    IdempotencyKey,
    ImageRecord,
    Job,
    JobEvent,
    JobFailure,
    JobStatus,
    Lease,
    NewJob,
)
from router.jobs.transactions import check_id, claim_key, fenced, not_found, only_job, write_event
from router.jobs.uninterrupted import Uninterrupted

P = ParamSpec("P")
T = TypeVar("T")

_LARGEST_SEQ = 2**31 - 1  # of an INTEGER on PostgreSQL
_EVENT_OF = {
    JobStatus.COMPLETE: EventType.COMPLETE,
    JobStatus.FAILED: EventType.FAILED,
    JobStatus.CANCELED: EventType.CANCELED,
}


def _uninterrupted(
    method: Callable[Concatenate[SqlJobStore, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[SqlJobStore, P], Coroutine[Any, Any, T]]:
    """A method whose work goes on to its end when its caller is canceled."""

    @wraps(method)
    async def finish(store: SqlJobStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store._work.finish(method(store, *args, **kwargs))

    return finish


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SqlJobStore:
    """Implements `JobStore`, which states the contract of every method.

    A write under a lease starts with one UPDATE that matches only while the lease holds: it fences out a worker that
    was replaced, locks the job's row, and takes the next event number, so numbers have no gaps.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = _utc_now) -> None:
        """`url` as users write it: `sqlite:///path` or `postgresql://…`. `clock` gives aware times."""
        self._database = Database(url)
        self._work = Uninterrupted()
        self._clock = clock

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await self._work.settle()
        await self._database.close()

    @_uninterrupted
    async def submit(self, job: NewJob, idempotency: IdempotencyKey | None = None) -> tuple[Job, bool]:
        now = self._clock()
        async with self._database.writing() as connection:
            if idempotency is not None:
                first = await claim_key(connection, job, idempotency, now)
                if first is not None:
                    found = await connection.execute(statements.JOB, {"job_id": first})
                    return only_job(first, found.all()), False
            await connection.execute(statements.INSERT_JOB, rows.new_job_row(job, now))
            await write_event(connection, JobEvent(job.id, 1, EventType.QUEUED, {}, now))
        return rows.accepted_job(job, now), True

    @_uninterrupted
    async def job(self, owner: str, job_id: str) -> Job:
        check_id(job_id)
        return only_job(job_id, await self._database.read(statements.JOB_OF_OWNER, owner=owner, job_id=job_id))

    @_uninterrupted
    async def jobs(self, owner: str, limit: int = 50, before: str | None = None) -> tuple[Job, ...]:
        if before is None:
            return rows.read_jobs(await self._database.read(statements.FIRST_PAGE, owner=owner, page=limit))
        check_id(before)
        found = await self._database.read(statements.NEXT_PAGE, owner=owner, page=limit, before=before)
        return rows.read_jobs(found)

    @_uninterrupted
    async def backlog(self, ahead_of: str | None = None) -> Backlog:
        if ahead_of is None:
            (row,) = await self._database.read(statements.BACKLOG)
        else:
            (row,) = await self._database.read(statements.BACKLOG_AHEAD, ahead_of=ahead_of)
        return Backlog(jobs=row.jobs, seconds=row.seconds)

    @_uninterrupted
    async def count_unfinished(self, owner: str) -> int:
        (row,) = await self._database.read(statements.COUNT_UNFINISHED, owner=owner)
        return int(row[0])

    async def lease(self, worker: str, seconds: float) -> Lease | None:
        """A caller that is canceled meanwhile holds nothing: what it would have got is given back."""
        granted = self._work.start(self._lease(worker, seconds))
        try:
            return await asyncio.shield(granted)
        except asyncio.CancelledError:
            self._work.start(self._give_back(granted))
            raise

    async def _lease(self, worker: str, seconds: float) -> Lease | None:
        now = self._clock()
        until = now + timedelta(seconds=seconds)
        async with self._database.writing() as connection:
            ranked = (await connection.execute(turns.OWNERS_BY_TURN, {"now": now})).all()
            for turn in ranked:
                if turn.oldest is None:
                    continue  # all of this owner's jobs are in work
                claim = {"of_owner": turn.owner, "worker": worker, "now": now, "until": until}
                row = (await connection.execute(turns.CLAIM, claim)).one_or_none()
                if row is None:
                    continue  # another worker took this owner's last job meanwhile
                kind = EventType.STARTED if row.attempt == 1 else EventType.RETRIED
                await write_event(connection, JobEvent(row.id, row.last_seq, kind, {"attempt": row.attempt}, now))
                found = await connection.execute(statements.IMAGES, {"job_id": row.id})
                return Lease(rows.read_job(row, found.all()), worker, row.lease_token, until)
        return None

    async def _give_back(self, granted: asyncio.Task[Lease | None]) -> None:
        lease = await granted
        if lease is not None:
            await self.release(lease)

    @_uninterrupted
    async def heartbeat(self, lease: Lease, seconds: float, progress: float) -> bool:
        until = self._clock() + timedelta(seconds=seconds)
        reached = min(max(progress, 0.0), 1.0)
        async with self._database.writing() as connection:
            return bool(await fenced(connection, statements.HEARTBEAT, lease, until=until, reached=reached))

    @_uninterrupted
    async def append(self, lease: Lease, type: EventType, payload: dict[str, Any]) -> JobEvent:
        async with self._database.writing() as connection:
            seq = await fenced(connection, statements.NEXT_SEQ, lease)
            return await write_event(connection, JobEvent(lease.job.id, seq, type, payload, self._clock()))

    @_uninterrupted
    async def add_image(self, lease: Lease, image: ImageRecord) -> JobEvent:
        job_id = lease.job.id
        async with self._database.writing() as connection:
            seq = await fenced(connection, statements.NEXT_SEQ, lease)
            new = await connection.execute(statements.INSERT_IMAGE, rows.image_row(job_id, seq, image))
            if new.one_or_none() is not None:
                payload = {"image": image.model_dump(mode="json")}
                return await write_event(connection, JobEvent(job_id, seq, EventType.IMAGE, payload, self._clock()))
            await connection.rollback()  # gives the event number back
        (row,) = await self._database.read(statements.IMAGE_EVENT, job_id=job_id, idx=image.index)
        return rows.read_event(job_id, row)

    @_uninterrupted
    async def end(self, lease: Lease, status: JobStatus, failure: JobFailure | None = None) -> JobEvent:
        """Also raises `ValueError` when `status` is not an end, or `failure` is missing or out of place."""
        if status not in _EVENT_OF or (failure is not None) != (status is JobStatus.FAILED):
            raise ValueError(f"A job cannot end as {status} with failure {failure}")
        now = self._clock()
        reason = None if failure is None else failure.model_dump_json()
        payload = {} if failure is None else failure.model_dump()
        async with self._database.writing() as connection:
            seq = await fenced(connection, statements.END, lease, outcome=status.value, reason=reason, now=now)
            return await write_event(connection, JobEvent(lease.job.id, seq, _EVENT_OF[status], payload, now))

    @_uninterrupted
    async def release(self, lease: Lease) -> None:
        async with self._database.writing() as connection:
            await fenced(connection, statements.RELEASE, lease)

    @_uninterrupted
    async def request_cancel(self, owner: str, job_id: str) -> Job:
        check_id(job_id)
        now = self._clock()
        async with self._database.writing() as connection:
            cancel = {"of_job": job_id, "of_owner": owner, "now": now}
            row = (await connection.execute(statements.CANCEL, cancel)).one_or_none()
            if row is not None and row.status == JobStatus.CANCELED:
                await write_event(connection, JobEvent(job_id, row.last_seq, EventType.CANCELED, {}, now))
            found = await connection.execute(statements.JOB_OF_OWNER, {"owner": owner, "job_id": job_id})
            return only_job(job_id, found.all())

    @_uninterrupted
    async def events(self, owner: str, job_id: str, after: int = 0) -> tuple[JobEvent, ...]:
        check_id(job_id)
        last = min(max(after, 0), _LARGEST_SEQ)
        found = await self._database.read(statements.EVENTS, owner=owner, job_id=job_id, after=last)
        if not found:
            raise not_found(job_id)
        return tuple(rows.read_event(job_id, row) for row in found if row.seq is not None)

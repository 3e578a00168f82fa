"""The durable job store on SQLite or PostgreSQL: the protocol of `store.py` in SQL, one implementation for both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Update
from sqlalchemy.ext.asyncio import AsyncConnection

from configs.errors import IdempotencyConflict, LeaseLost, NotFound
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
from router.jobs.rows import AnyRow

_KEY_LIFETIME = timedelta(hours=24)
_LARGEST_SEQ = 2**31 - 1  # of an INTEGER on PostgreSQL
_EVENT_OF = {
    JobStatus.COMPLETE: EventType.COMPLETE,
    JobStatus.FAILED: EventType.FAILED,
    JobStatus.CANCELED: EventType.CANCELED,
}


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
        self._clock = clock

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await self._database.close()

    async def submit(self, job: NewJob, idempotency: IdempotencyKey | None = None) -> tuple[Job, bool]:
        now = self._clock()
        async with self._database.writing() as connection:
            if idempotency is not None:
                first = await _claim_key(connection, job, idempotency, now)
                if first is not None:
                    found = await connection.execute(statements.JOB, {"job_id": first})
                    return _only(first, found.all()), False
            await connection.execute(statements.INSERT_JOB, rows.new_job_row(job, now))
            await _log(connection, JobEvent(job.id, 1, EventType.QUEUED, {}, now))
        return rows.accepted_job(job, now), True

    async def job(self, owner: str, job_id: str) -> Job:
        _check_id(job_id)
        return _only(job_id, await self._database.read(statements.JOB_OF_OWNER, owner=owner, job_id=job_id))

    async def jobs(self, owner: str, limit: int = 50, before: str | None = None) -> tuple[Job, ...]:
        if before is None:
            return rows.read_jobs(await self._database.read(statements.FIRST_PAGE, owner=owner, page=limit))
        _check_id(before)
        found = await self._database.read(statements.NEXT_PAGE, owner=owner, page=limit, before=before)
        return rows.read_jobs(found)

    async def backlog(self, ahead_of: str | None = None) -> Backlog:
        if ahead_of is None:
            (row,) = await self._database.read(statements.BACKLOG)
        else:
            (row,) = await self._database.read(statements.BACKLOG_AHEAD, ahead_of=ahead_of)
        return Backlog(jobs=row.jobs, seconds=row.seconds)

    async def count_unfinished(self, owner: str) -> int:
        (row,) = await self._database.read(statements.COUNT_UNFINISHED, owner=owner)
        return int(row[0])

    async def lease(self, worker: str, seconds: float) -> Lease | None:
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
                await _log(connection, JobEvent(row.id, row.last_seq, kind, {"attempt": row.attempt}, now))
                found = await connection.execute(statements.IMAGES, {"job_id": row.id})
                return Lease(rows.read_job(row, found.all()), worker, row.lease_token, until)
        return None

    async def heartbeat(self, lease: Lease, seconds: float, progress: float) -> bool:
        until = self._clock() + timedelta(seconds=seconds)
        reached = min(max(progress, 0.0), 1.0)
        async with self._database.writing() as connection:
            return bool(await _fenced(connection, statements.HEARTBEAT, lease, until=until, reached=reached))

    async def append(self, lease: Lease, type: EventType, payload: dict[str, Any]) -> JobEvent:
        async with self._database.writing() as connection:
            seq = await _fenced(connection, statements.NEXT_SEQ, lease)
            return await _log(connection, JobEvent(lease.job.id, seq, type, payload, self._clock()))

    async def add_image(self, lease: Lease, image: ImageRecord) -> JobEvent:
        job_id = lease.job.id
        async with self._database.writing() as connection:
            seq = await _fenced(connection, statements.NEXT_SEQ, lease)
            new = await connection.execute(statements.INSERT_IMAGE, rows.image_row(job_id, seq, image))
            if new.one_or_none() is not None:
                payload = {"image": image.model_dump(mode="json")}
                return await _log(connection, JobEvent(job_id, seq, EventType.IMAGE, payload, self._clock()))
            await connection.rollback()  # gives the event number back
        (row,) = await self._database.read(statements.IMAGE_EVENT, job_id=job_id, idx=image.index)
        return rows.read_event(job_id, row)

    async def end(self, lease: Lease, status: JobStatus, failure: JobFailure | None = None) -> JobEvent:
        """Also raises `ValueError` when `status` is not an end, or `failure` is missing or out of place."""
        if status not in _EVENT_OF or (failure is not None) != (status is JobStatus.FAILED):
            raise ValueError(f"A job cannot end as {status} with failure {failure}")
        now = self._clock()
        reason = None if failure is None else failure.model_dump_json()
        payload = {} if failure is None else failure.model_dump()
        async with self._database.writing() as connection:
            seq = await _fenced(connection, statements.END, lease, outcome=status.value, reason=reason, now=now)
            return await _log(connection, JobEvent(lease.job.id, seq, _EVENT_OF[status], payload, now))

    async def release(self, lease: Lease) -> None:
        async with self._database.writing() as connection:
            await _fenced(connection, statements.RELEASE, lease)

    async def request_cancel(self, owner: str, job_id: str) -> Job:
        _check_id(job_id)
        now = self._clock()
        async with self._database.writing() as connection:
            cancel = {"of_job": job_id, "of_owner": owner, "now": now}
            row = (await connection.execute(statements.CANCEL, cancel)).one_or_none()
            if row is not None and row.status == JobStatus.CANCELED:
                await _log(connection, JobEvent(job_id, row.last_seq, EventType.CANCELED, {}, now))
            found = await connection.execute(statements.JOB_OF_OWNER, {"owner": owner, "job_id": job_id})
            return _only(job_id, found.all())

    async def events(self, owner: str, job_id: str, after: int = 0) -> tuple[JobEvent, ...]:
        _check_id(job_id)
        last = min(max(after, 0), _LARGEST_SEQ)
        found = await self._database.read(statements.EVENTS, owner=owner, job_id=job_id, after=last)
        if not found:
            raise _not_found(job_id)
        return tuple(rows.read_event(job_id, row) for row in found if row.seq is not None)


async def _claim_key(
    connection: AsyncConnection, job: NewJob, idempotency: IdempotencyKey, now: datetime
) -> str | None:
    """Take the key for `job`, or name the job that has it. Raises `IdempotencyConflict`."""
    claim = {
        "owner": job.owner,
        "key": idempotency.key,
        "body_sha256": idempotency.body_sha256,
        "job_id": job.id,
        "now": now,
        "expired": now - _KEY_LIFETIME,
    }
    if (await connection.execute(statements.CLAIM_KEY, claim)).one_or_none() is not None:
        return None
    held = {"owner": job.owner, "key": idempotency.key}
    row = (await connection.execute(statements.CLAIMED_KEY, held)).one()
    if row.body_sha256 != idempotency.body_sha256:
        raise IdempotencyConflict(
            "This Idempotency-Key was used before with another body: use a new key", "Idempotency-Key"
        )
    return str(row.job_id)


async def _fenced(connection: AsyncConnection, statement: Update, lease: Lease, **values: Any) -> Any:
    """What a write returns that is allowed only while `lease` holds. Raises `LeaseLost`."""
    holder = {"of_job": lease.job.id, "worker": lease.worker, "token": lease.token}
    row = (await connection.execute(statement, holder | values)).one_or_none()
    if row is None:
        raise LeaseLost(f"Worker {lease.worker} no longer holds job {lease.job.id}: stop and discard")
    return row[0]


async def _log(connection: AsyncConnection, event: JobEvent) -> JobEvent:
    await connection.execute(statements.INSERT_EVENT, rows.event_row(event))
    return event


def _check_id(job_id: str) -> None:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names no job."""
    if not (job_id.isascii() and job_id.isprintable()):
        raise NotFound("There is no such job")


def _not_found(job_id: str) -> NotFound:
    return NotFound(f"There is no job {job_id}")


def _only(job_id: str, found: Sequence[AnyRow]) -> Job:
    if not found:
        raise _not_found(job_id)
    return rows.read_jobs(found)[0]

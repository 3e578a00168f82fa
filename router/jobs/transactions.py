"""The steps that the store's transactions are made of: claim a key, prove a lease, write to the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update
from sqlalchemy.ext.asyncio import AsyncConnection

from configs.errors import IdempotencyConflict, LeaseLost, NotFound
from router.jobs import rows, statements
from router.jobs.model import IdempotencyKey, Job, JobEvent, Lease, NewJob
from router.jobs.rows import AnyRow

_KEY_LIFETIME = timedelta(hours=24)


async def claim_key(connection: AsyncConnection, job: NewJob, idempotency: IdempotencyKey, now: datetime) -> str | None:
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


async def fenced(connection: AsyncConnection, statement: Update, lease: Lease, **values: Any) -> Any:
    """What a write returns that is allowed only while `lease` holds. Raises `LeaseLost`."""
    holder = {"of_job": lease.job.id, "worker": lease.worker, "token": lease.token}
    row = (await connection.execute(statement, holder | values)).one_or_none()
    if row is None:
        raise LeaseLost(f"Worker {lease.worker} no longer holds job {lease.job.id}: stop and discard")
    return row[0]


async def write_event(connection: AsyncConnection, event: JobEvent) -> JobEvent:
    """Add a line to its job's log; its number was taken under the job's row lock."""
    await connection.execute(statements.INSERT_EVENT, rows.event_row(event))
    return event


def check_id(job_id: str) -> None:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names no job."""
    if not (job_id.isascii() and job_id.isprintable()):
        raise NotFound("There is no such job")


def not_found(job_id: str) -> NotFound:
    return NotFound(f"There is no job {job_id}")


def only_job(job_id: str, found: Sequence[AnyRow]) -> Job:
    """The job that a query for one has found. Raises `NotFound`."""
    if not found:
        raise not_found(job_id)
    return rows.read_jobs(found)[0]

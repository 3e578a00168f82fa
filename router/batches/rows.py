"""Rows to the vocabulary of batches and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from configs.rows import RowError
from router.batches.model import Batch, FailedRow, NewBatch, Row, Share
from router.jobs.documents import FAILURE, UNREADABLE_FAILURE, read_or
from router.jobs.model import EventType, IdempotencyKey, JobEvent, JobStatus
from router.storage.database import AnyRow
from router.storage.documents import Document

ASKED: Document[dict[str, Any]] = Document("batch", dict[str, Any])
SKIPPED: Document[tuple[RowError, ...]] = Document("skipped rows", tuple[RowError, ...])


def batch_row(batch: NewBatch, key: IdempotencyKey | None, now: datetime) -> dict[str, Any]:
    """Parameters that insert an accepted batch."""
    return {
        "id": batch.id,
        "owner": batch.owner,
        "space": batch.space,
        "asked": ASKED.write(batch.asked),
        "lines": batch.lines,
        "jobs": len(batch.jobs),
        "skipped": SKIPPED.write(batch.skipped),
        "lines_skipped": batch.lines_skipped,
        "cancel_requested": False,
        "idempotency_key": None if key is None else key.key,
        "body_sha256": None if key is None else key.body_sha256,
        "created_at": now,
    }


def queued_events(jobs: Iterable[Row], now: datetime) -> tuple[JobEvent, ...]:
    """The first event of each job."""
    return tuple(JobEvent(job["id"], 1, EventType.QUEUED, {}, now) for job in jobs)


def read_batch(row: AnyRow, shares: Iterable[AnyRow]) -> Batch:
    """A batch from its row and those of its jobs, summed up by status."""
    known = list(shares)
    unfinished = [share.first for share in known if not JobStatus(share.status).ended]
    ended = sum(share.jobs for share in known if JobStatus(share.status).ended)
    under_way = sum(share.progress for share in known if not JobStatus(share.status).ended)
    of = f"batch {row.id}"
    return Batch(
        id=row.id,
        owner=row.owner,
        space=row.space,
        asked=read_or(ASKED, row.asked, {}, of),
        lines=row.lines,
        jobs=row.jobs,
        skipped=read_or(SKIPPED, row.skipped, (), of),
        lines_skipped=row.lines_skipped,
        cancel_requested=row.cancel_requested,
        created_at=row.created_at,
        shares={JobStatus(one.status): Share(one.jobs, one.pictures, one.seconds) for one in known},
        progress=min(1.0, (ended + under_way) / row.jobs),
        first_job=min(unfinished, default=None),
    )


def read_failed(row: AnyRow) -> FailedRow:
    """A job that failed, with its row."""
    failure = read_or(FAILURE, row.failure or "", UNREADABLE_FAILURE, f"job {row.id}")
    return FailedRow(row.line, row.id, failure)

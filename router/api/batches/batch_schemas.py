"""Bodies of the routes of batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from configs.frozen import Frozen
from configs.rows import RowError
from router.batches.model import BatchStatus


class BatchCounts(Frozen):
    """Jobs by status."""

    queued: int = 0
    processing: int = 0
    complete: int = 0
    failed: int = 0
    canceled: int = 0


class BatchAccepted(Frozen):
    """A batch is accepted: all of its jobs are in the database and will be worked on."""

    batch_id: str
    status: BatchStatus
    lines: int = Field(description="that the list or the file had")
    jobs: int
    lines_skipped: int = 0
    skipped: tuple[RowError, ...] = Field(default=(), description="the first rows that were left out, and why")
    estimated_time_seconds: float = Field(description="until the last picture, waiting included")


class BatchPlan(Frozen):
    """The answer to `dry_run`: what would be done."""

    lines: int
    jobs: int
    pictures: int
    lines_skipped: int = 0
    skipped: tuple[RowError, ...] = ()
    estimated_time_seconds: float


class RowFailure(Frozen):
    """A row whose job failed, and why."""

    line: int
    job_id: str
    code: str
    message: str


class BatchLine(Frozen):
    """A batch as it stands, in a list."""

    batch_id: str
    name: str
    status: BatchStatus = Field(description="`complete`: nothing is left to do, though jobs may have failed")
    progress: float = Field(ge=0, le=1)
    lines: int
    jobs: int
    counts: BatchCounts
    lines_skipped: int = 0
    pictures: int = Field(description="of all of its jobs")
    estimated_time_seconds: float = Field(description="that remain; 0 when it has ended")
    compares: bool = Field(default=False, description="it is a comparison: GET /compare/{id} has its sides")
    owner: str
    created_at: datetime


class BatchDetail(BatchLine):
    """A batch as it stands. Of rows that were skipped or have failed, the first 100 are named."""

    asked: dict[str, Any] = Field(description="what was said for all of its rows")
    skipped: tuple[RowError, ...] = ()
    failures: tuple[RowFailure, ...] = ()


class BatchesPage(Frozen):
    """Batches, newest first. `next` is the `before` of the next page, absent on the last."""

    batches: tuple[BatchLine, ...]
    next: str | None = None

"""The vocabulary of batches, imported by what reads, plans, stores and answers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from configs.experiments import Overlay
from configs.rows import RowError
from router.jobs.model import JobFailure, JobStatus
from router.people.quotas.model import Demand
from router.people.tables import HOME

Row: TypeAlias = Mapping[str, Any]

BatchStatus: TypeAlias = Literal["queued", "processing", "complete", "canceled"]
"""`complete` is a batch of which nothing is left to do, though some of its jobs may have failed."""

MOST_ERRORS = 100
"""Rows that are named where more of them are wrong."""


@dataclass(frozen=True, slots=True)
class Way:
    """One of several ways to draw a line that are compared: by its overlay alone, whatever champions and experiments
    say."""

    id: str
    overlay: Overlay
    blind: bool = False
    """Nobody may know yet that it is this one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list or a file, as a request's fields; `number` counts from 1, as its user does."""

    number: int
    fields: Mapping[str, Any]
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch to accept. `jobs` are rows of the table of jobs, ready to be written: as plans, ten thousand of them
    would take a hundred megabytes. `asked` is what was said for all of its rows, its name among it."""

    id: str
    owner: str
    asked: dict[str, Any]
    lines: int
    jobs: tuple[Row, ...]
    arms: tuple[Row, ...] = ()
    """Of those that take part in an experiment, rows of its table."""
    skipped: tuple[RowError, ...] = ()
    lines_skipped: int = 0
    space: str = HOME
    demands: tuple[Demand, ...] = ()
    """What each of its jobs asks for, to be counted."""


@dataclass(frozen=True, slots=True)
class Share:
    """The jobs of a batch that have one status."""

    jobs: int
    pictures: int
    seconds: float
    """That remain of them, as planned."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as stored, and how far it is: `shares` by status, without those that have none. `skipped` are the first
    rows that were left out; `first_job` is the one that comes first of those that are unfinished."""

    id: str
    owner: str
    space: str
    asked: dict[str, Any]
    lines: int
    jobs: int
    skipped: tuple[RowError, ...]
    lines_skipped: int
    cancel_requested: bool
    created_at: datetime
    shares: Mapping[JobStatus, Share]
    progress: float
    first_job: str | None

    @property
    def name(self) -> str:
        """What its user knows it by; empty for most."""
        return str(self.asked.get("name", ""))

    @property
    def unfinished(self) -> int:
        """Jobs that have not ended."""
        return sum(share.jobs for status, share in self.shares.items() if not status.ended)

    @property
    def remaining_seconds(self) -> float:
        """Of work on its jobs, as planned."""
        return sum(share.seconds for status, share in self.shares.items() if not status.ended)

    @property
    def status(self) -> BatchStatus:
        if self.unfinished:
            return "queued" if self.shares.keys() == {JobStatus.QUEUED} else "processing"
        return "canceled" if self.cancel_requested else "complete"


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A job of a batch that failed, and the row that it came from."""

    line: int
    job_id: str
    failure: JobFailure

"""The vocabulary of durable jobs, imported by the store, the conductor and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from configs.schema import Format, Frozen, Verdict
from router.plan import Plan


class JobStatus(StrEnum):
    """queued → processing → complete | failed | canceled; a job whose worker died is leased again as it stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        return self in (JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELED)


class EventType(StrEnum):
    """What a job's log records. Step progress and previews are sent live and never stored."""

    QUEUED = "job.queued"
    STARTED = "job.started"
    STAGE = "job.stage"
    IMAGE = "job.image"
    RETRIED = "job.retried"
    COMPLETE = "job.complete"
    FAILED = "job.failed"
    CANCELED = "job.canceled"


class StoredFile(Frozen):
    """One file of a picture in the blob store; `sha256` is its key there."""

    format: Format
    media_type: str
    sha256: str
    size_bytes: int = Field(ge=0)


class LicenceVerdict(Frozen):
    """What a picture may be used for, per purpose, and which licence parts decide it."""

    reference: Verdict
    internal: Verdict
    product: Verdict
    licences: tuple[str, ...]
    reasons: tuple[str, ...] = ()


class ImageRecord(Frozen):
    """A finished picture of a job. `index` counts from 0 to num_variations - 1."""

    index: int = Field(ge=0)
    seed: int
    width: int
    height: int
    files: tuple[StoredFile, ...]
    licence: LicenceVerdict
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict, description="device seconds per stage")


class JobFailure(Frozen):
    """Why a job failed: a stable code and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to accept. `request` is the body as it was understood, kept for history and 'more like this'."""

    id: str
    owner: str
    request: dict[str, Any]
    plan: Plan
    licence: LicenceVerdict


@dataclass(frozen=True, slots=True)
class Job:
    """A job as stored. `progress` is 0…1 over all pictures; `attempt` counts leases."""

    id: str
    owner: str
    status: JobStatus
    request: dict[str, Any]
    plan: Plan
    licence: LicenceVerdict
    progress: float
    images: tuple[ImageRecord, ...]
    attempt: int
    cancel_requested: bool
    failure: JobFailure | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until `until`; every write must carry it. `token` grows with every lease (fencing)."""

    job: Job
    worker: str
    token: int
    until: datetime


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One line of a job's log. `seq` starts at 1 and has no gaps within a job."""

    job_id: str
    seq: int
    type: EventType
    payload: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class UploadedPicture:
    """A picture that `owner` brought: pixels each way, and its PNG in the blob store, whose key is `sha256`."""

    id: str
    owner: str
    sha256: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key for one submission and the hash of the body it came with."""

    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work ahead of a new job: unfinished jobs, how many of them are its owner's, and the plan seconds that remain."""

    jobs: int
    own_jobs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """Jobs that nobody works on, of one `deployment`: what remains of their pictures, and the seconds to draw these."""

    deployment: str
    jobs: int
    pictures: float
    seconds: float

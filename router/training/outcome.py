"""How a lease of a training ends."""

from __future__ import annotations

from dataclasses import dataclass

from router.jobs.model import JobFailure, JobStatus


@dataclass(frozen=True, slots=True)
class Ended:
    """For good."""

    status: JobStatus
    failure: JobFailure | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """For so many seconds, for a `reason` that is a sentence; it goes on from its last checkpoint then."""

    seconds: float
    reason: str


def failed(code: str, message: str) -> Ended:
    return Ended(JobStatus.FAILED, JobFailure(code=code, message=message))

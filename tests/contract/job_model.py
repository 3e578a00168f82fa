"""The job store as a person would explain it: a few dictionaries, checked against the real one by random histories."""

from __future__ import annotations

from dataclasses import dataclass, field

from configs.errors import IdempotencyConflict, LeaseLost
from router.jobs.model import EventType, JobStatus
from tests.contract.job_samples import LEASE_SECONDS

KEY_SECONDS = 24 * 3600


@dataclass
class ModelJob:
    """What is known of one job. `token` of 0 holds no lease; `until` is in seconds of the model's clock."""

    id: str
    owner: str
    status: JobStatus = JobStatus.QUEUED
    progress: float = 0.0
    attempt: int = 0
    cancel_requested: bool = False
    holder: tuple[str, int] | None = None
    until: float = 0.0
    leased_at: float = float("-inf")
    seeds: dict[int, int] = field(default_factory=dict)
    events: list[EventType] = field(default_factory=lambda: [EventType.QUEUED])

    def leasable(self, now: float) -> bool:
        return not self.status.ended and (self.holder is None or self.until <= now)


@dataclass(frozen=True)
class ModelLease:
    job_id: str
    worker: str
    token: int


class ModelStore:
    """The same calls as `JobStore`, in plain Python; `now` is in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.jobs: dict[str, ModelJob] = {}
        self._keys: dict[tuple[str, str], tuple[str, str, float]] = {}

    def submit(self, job_id: str, owner: str, key: str | None, body: str) -> tuple[str, bool]:
        if key is not None:
            first, first_body, at = self._keys.get((owner, key), ("", "", float("-inf")))
            if self.now - at < KEY_SECONDS:
                if body != first_body:
                    raise IdempotencyConflict("another body")
                return first, False
            self._keys[owner, key] = (job_id, body, self.now)
        self.jobs[job_id] = ModelJob(job_id, owner)
        return job_id, True

    def lease(self, worker: str) -> ModelLease | None:
        waiting = [job for job in self.jobs.values() if job.leasable(self.now)]
        if not waiting:
            return None
        job = min(waiting, key=lambda job: (*self._turn(job.owner), job.id))
        job.status = JobStatus.PROCESSING
        job.attempt += 1
        job.holder, job.until, job.leased_at = (worker, job.attempt), self.now + LEASE_SECONDS, self.now
        job.events.append(EventType.STARTED if job.attempt == 1 else EventType.RETRIED)
        return ModelLease(job.id, worker, job.attempt)

    def heartbeat(self, lease: ModelLease, progress: float) -> bool:
        job = self._held(lease)
        job.until = self.now + LEASE_SECONDS
        job.progress = max(job.progress, progress)
        return job.cancel_requested

    def append(self, lease: ModelLease) -> int:
        job = self._held(lease)
        job.events.append(EventType.STAGE)
        return len(job.events)

    def add_image(self, lease: ModelLease, index: int, seed: int) -> None:
        job = self._held(lease)
        if index not in job.seeds:
            job.seeds[index] = seed
            job.events.append(EventType.IMAGE)

    def end(self, lease: ModelLease, status: JobStatus) -> None:
        job = self._held(lease)
        job.status, job.holder = status, None
        job.progress = 1.0 if status is JobStatus.COMPLETE else job.progress
        job.events.append(EventType(f"job.{status}"))

    def release(self, lease: ModelLease) -> None:
        self._held(lease).holder = None

    def request_cancel(self, job_id: str) -> None:
        job = self.jobs[job_id]
        if job.status.ended:
            return
        job.cancel_requested = True
        if job.status is JobStatus.QUEUED:
            job.status = JobStatus.CANCELED
            job.events.append(EventType.CANCELED)

    def unfinished(self, owner: str) -> int:
        return sum(job.owner == owner and not job.status.ended for job in self.jobs.values())

    def _held(self, lease: ModelLease) -> ModelJob:
        job = self.jobs[lease.job_id]
        if job.holder != (lease.worker, lease.token):
            raise LeaseLost("taken over")
        return job

    def _turn(self, owner: str) -> tuple[int, float, str]:
        """Sorts owners: fewest jobs in work, longest without a lease, oldest leasable job."""
        mine = [job for job in self.jobs.values() if job.owner == owner]
        in_work = sum(job.holder is not None and job.until > self.now for job in mine)
        oldest = min(job.id for job in mine if job.leasable(self.now))
        return in_work, max(job.leased_at for job in mine), oldest

"""The protocol behind which jobs are durable; `router/jobs/sql.py` keeps it on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from configs.quotas import QuotaState
from deployments.blobs.outage import Availability
from router.jobs.model import (
    Asset,
    Backlog,
    EventType,
    IdempotencyKey,
    ImageRecord,
    Job,
    JobBrief,
    JobEvent,
    JobFailure,
    JobKind,
    JobStatus,
    Kin,
    Lease,
    NewJob,
    StageOutput,
    UploadedPicture,
    WaitingJobs,
)
from router.people.audit.model import Signature
from router.people.quotas.model import Claim
from router.people.viewer import Viewer


class JobStore(Protocol):
    """What was accepted is never lost. Times are UTC; every method is one transaction.

    Every method raises `StoreUnavailable` with the reason while the database does not answer, is full, not
    writable, or locked. Writes under a lease raise `LeaseLost`
    when the job has been leased again, has ended, or the lease has run out and was taken over: the caller stops and
    discards. Reads with a viewer raise `NotFound` for what they do not see, and changes
    `NotAllowed` for what they see and is not theirs.
    """

    availability: Availability
    """What is known of the database."""

    async def open(self) -> None:
        """Create or verify the schema. Raises `ConfigError` when the database is unreachable or of another version."""

    async def close(self) -> None:
        """Release connections; pending transactions are rolled back."""

    async def watch(self) -> None:
        """For ever: notice when an outage is over."""

    async def submit(self, job: NewJob, idempotency: IdempotencyKey | None = None) -> tuple[Job, bool]:
        """Accept a job with its `job.queued` event. Returns the job and whether it is new.

        With a key used before by this owner (24 h): same body hash → the first job and False;
        another hash → `IdempotencyConflict`.
        """
        ...

    async def submit_within(
        self, job: NewJob, idempotency: IdempotencyKey | None, claim: Claim | None
    ) -> tuple[Job, bool, tuple[QuotaState, ...]]:
        """`submit` within the quotas of whose `claim` it is, counted in the same transaction; and how these then stand.
        Raises `QuotaReached`, too."""
        ...

    async def submitted(self, owner: str, idempotency: IdempotencyKey) -> Job | None:
        """The job that this key came with (24 h), or None. Raises `IdempotencyConflict` for another body hash."""
        ...

    async def job(self, viewer: Viewer, job_id: str) -> Job:
        """One job. Raises `NotFound`."""
        ...

    async def jobs(
        self,
        viewer: Viewer,
        limit: int = 50,
        before: str | None = None,
        batch: str | None = None,
        space: str | None = None,
        kind: JobKind = "generate",
    ) -> tuple[Job, ...]:
        """Somebody's own jobs of a kind, newest first, or those of one batch, or of a space, that they see; `before`
        is the id of the last job of the previous page."""
        ...

    async def backlog(self, owner: str, ahead_of: str | None = None, in_batch: bool = False) -> Backlog:
        """Unfinished work of all owners, in plan seconds (estimate × (1 - progress)), with the number of `owner`'s
        jobs in it; only what was accepted before the job `ahead_of`, if given. Jobs of batches count where that is
        `in_batch`, too: they let others go first."""
        ...

    async def waiting(self) -> tuple[WaitingJobs, ...]:
        """What nobody works on, by the deployment that is to draw it; those for which nothing waits are absent."""
        ...

    async def lease(self, worker: str, seconds: float, kind: JobKind = "generate") -> Lease | None:
        """Take the next job of a kind: queued, or processing with an expired lease. None when there is nothing to do.

        Fair between owners: the owner with the fewest jobs under a live lease first, then the one who has waited
        longest since their last lease, then the oldest job. So a queue of a thousand delays nobody else's first job,
        even with a single worker. Of one owner, jobs of their own go before those of batches, whichever came first.
        Writes `job.started` at the first lease and `job.retried` at later ones, each with `{"attempt": n}`; `attempt`
        grows by one. A job with a pending cancel that is leased anew is still handed out: the worker ends it. A job
        whose plan this release cannot read fails with the code `unreadable_plan`, and the next is taken; one whose plan
        is of a newer version is left to workers that know it.
        """
        ...

    async def heartbeat(self, lease: Lease, seconds: float, progress: float) -> bool:
        """Extend the lease by `seconds` from now, store progress (never lowered). True when a cancel is requested."""
        ...

    async def append(self, lease: Lease, type: EventType, payload: dict[str, Any]) -> JobEvent:
        """Write one event to the job's log."""
        ...

    async def add_image(self, lease: Lease, image: ImageRecord, expected: bool = False) -> JobEvent:
        """Commit one finished picture with its `job.image` event, `{"image": the record}`. A picture of the same index
        replaces nothing: the stored one stays and its event is returned (re-execution after a crash is idempotent).

        Raises `NotFound` where its files were `expected` and one has been swept since: it has to be stored again."""
        ...

    async def complete(self, lease: Lease, image: ImageRecord) -> tuple[JobEvent, JobEvent]:
        """Commit the last picture of a job, whose files were expected, and end it as complete: `add_image` and `end` in
        one transaction. Returns the events of both."""
        ...

    async def keep_output(self, lease: Lease, output: StageOutput) -> None:
        """Note what a finished stage has left, whose file is in the blob store already, in place of what earlier stages
        of the same picture left. It goes, and its file is swept, when the job ends."""

    async def outputs(self, job_id: str) -> tuple[StageOutput, ...]:
        """What is kept of the finished stages of a job: the last of each picture."""
        ...

    async def end(self, lease: Lease, status: JobStatus, failure: JobFailure | None = None) -> JobEvent:
        """End the job as complete (progress becomes 1), failed (with a reason) or canceled, with the event of that
        name; that of a failure holds its code and message."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give an unfinished job back: it is leasable at once (a worker that shuts down). It stays `processing`, with
        its pictures and progress."""
        ...

    async def put_off(self, lease: Lease, seconds: float, payload: dict[str, Any]) -> JobEvent:
        """Give an unfinished job back as `release` does, and nobody takes it for so long, unless it is canceled; its
        log gets a `job.stage` with the payload."""
        ...

    async def request_cancel(self, viewer: Viewer, job_id: str) -> Job:
        """Cancel: a queued job ends as canceled here and now (with its event); a processing one is flagged for its
        worker; an ended one is returned as it is. Raises `NotFound` and `NotAllowed`."""
        ...

    async def events(self, viewer: Viewer, job_id: str, after: int = 0) -> tuple[JobEvent, ...]:
        """The job's events with seq > after, in order. Raises `NotFound`."""
        ...

    async def log(self, job_id: str, *types: EventType) -> tuple[JobEvent, ...]:
        """The events of these types of a job, whoever owns it, in order."""
        ...

    async def expect_files(self, *sha256: str) -> None:
        """Note that files are about to be written. What nothing names later is swept."""

    async def add_picture(self, picture: UploadedPicture) -> None:
        """Commit an uploaded picture, whose file is in the blob store already."""

    async def asset(self, viewer: Viewer, asset_id: str) -> Asset:
        """Any picture, drawn or uploaded, with what it was made from. Raises `NotFound`."""
        ...

    async def picture(self, viewer: Viewer, picture_id: str) -> UploadedPicture:
        """An uploaded picture. Raises `NotFound`."""
        ...

    async def pictures(
        self, viewer: Viewer, limit: int = 50, before: str | None = None, space: str | None = None
    ) -> tuple[UploadedPicture, ...]:
        """Somebody's own uploads, newest first, or those of a space, that they see; `before` is the id of the last one
        of the previous page."""
        ...

    async def count_pictures(self, owner: str) -> int:
        """How many pictures an owner has uploaded and not removed; not those that go by themselves (`kept_until`)."""
        ...

    async def remove_picture(self, viewer: Viewer, picture_id: str, signature: Signature | None = None) -> None:
        """Remove an uploaded picture; its file is left to be swept, and the audit gets a line by `signature`. Raises
        `NotFound` and `NotAllowed`."""

    async def kin_before(self, viewer: Viewer, job_ids: Sequence[str]) -> tuple[Kin, ...]:
        """What jobs that `viewer` sees go on from, and the pictures that theirs were made from."""
        ...

    async def kin_after(self, viewer: Viewer, job_ids: Sequence[str], asset_ids: Sequence[str] = ()) -> tuple[Kin, ...]:
        """Jobs that `viewer` sees and that go on from these, or with pictures that were made from those of these, or
        from the pictures `asset_ids`."""
        ...

    async def briefs(self, viewer: Viewer, job_ids: Sequence[str]) -> tuple[JobBrief, ...]:
        """What is told of jobs in a line each; those that are not there, or not seen, are absent."""
        ...

    async def rates(self) -> dict[str, float]:
        """Measured seconds by kind of work, as somebody kept them last."""
        ...

    async def keep_rates(self, seconds: Mapping[str, float]) -> None:
        """Keep what was measured, so that whoever starts next knows it."""

    async def sweep(self, seconds: float, remove: Callable[[str], None]) -> bool:
        """Take one file that has been loose for `seconds`, and `remove` it if no picture and no stage's output names
        it. False when there is none. `remove` gets its SHA-256, may block, and is asked again if it raises."""
        ...

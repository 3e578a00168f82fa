"""The durable job store on SQLite or PostgreSQL: the protocol of `store.py` in SQL, one implementation for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from configs.errors import LeaseLost, NotFound, StoreUnavailable
from configs.quotas import QuotaState
from router.assets import rows as pictures
from router.assets import statements as assets
from router.jobs import kinship, outputs, rows, statements, transactions, turns
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
from router.storage.database import PATIENCE_SECONDS, Database

_LARGEST_SEQ = 2**31 - 1  # of an INTEGER on PostgreSQL


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SqlJobStore:
    """Implements `JobStore`, which states the contract of every method.

    A write under a lease starts with one UPDATE that matches only while the lease holds: it fences out a worker that
    was replaced, locks the job's row, and takes the next event number, so numbers have no gaps. A caller that is
    canceled leaves at once; the transaction that it began ends without it.
    """

    def __init__(
        self, url: str, clock: Callable[[], datetime] = _utc_now, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """`url` as users write it: `sqlite:///path` or `postgresql://…`. `clock` gives aware times. What does not
        answer within `patience_seconds`, or is locked for longer, is away."""
        self._database = Database(url, patience_seconds)
        self.availability = self._database.availability
        self._clock = clock
        self._returns: set[asyncio.Task[None]] = set()

    @property
    def database(self) -> Database:
        """For what else is kept in it."""
        return self._database

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await asyncio.gather(*self._returns)
        await self._database.close()

    async def watch(self) -> None:
        await self._database.watch()

    async def submit(self, job: NewJob, idempotency: IdempotencyKey | None = None) -> tuple[Job, bool]:
        accepted, is_new, _ = await self.submit_within(job, idempotency, None)
        return accepted, is_new

    async def submit_within(
        self, job: NewJob, idempotency: IdempotencyKey | None, claim: Claim | None
    ) -> tuple[Job, bool, tuple[QuotaState, ...]]:
        return await self._database.write(transactions.accept, job, idempotency, self._clock(), claim)

    async def submitted(self, owner: str, idempotency: IdempotencyKey) -> Job | None:
        live = self._clock() - transactions.KEY_LIFETIME
        held = await self._database.read(statements.LIVE_KEY, owner=owner, key=idempotency.key, expired=live)
        if not held:
            return None
        job_id = transactions.claimed_by(held[0], idempotency)
        return transactions.only_job(job_id, await self._database.read(statements.JOB, job_id=job_id))

    async def job(self, viewer: Viewer, job_id: str) -> Job:
        _check_id(job_id)
        found = await self._database.read(statements.JOB, job_id=job_id)
        return transactions.seen_job(viewer, job_id, found)

    async def jobs(
        self,
        viewer: Viewer,
        limit: int = 50,
        before: str | None = None,
        batch: str | None = None,
        space: str | None = None,
        kind: JobKind = "generate",
    ) -> tuple[Job, ...]:
        for id in filter(None, (before, batch, space)):
            _check_id(id)
        page: dict[str, Any] = {"page": limit, "of_kind": kind} | ({} if before is None else {"before": before})
        if space is not None and batch is None:
            found = await self._database.read(statements.PAGES_OF_SPACE[before is not None], space=space, **page)
            return rows.read_jobs([row for row in found if viewer.sees(row)])
        page |= {"owner": viewer.owner} if batch is None else {"batch": batch}
        found = await self._database.read(statements.PAGES[before is not None, batch is not None], **page)
        return rows.read_jobs([row for row in found if viewer.sees(row)])

    async def backlog(self, owner: str, ahead_of: str | None = None, in_batch: bool = False) -> Backlog:
        if ahead_of is None:
            statement = statements.BACKLOG_WITH_BATCHES if in_batch else statements.BACKLOG
            (row,) = await self._database.read(statement, owner=owner)
        else:
            statement = statements.BACKLOG_AHEAD_IN_BATCH if in_batch else statements.BACKLOG_AHEAD
            (row,) = await self._database.read(statement, owner=owner, ahead_of=ahead_of)
        return Backlog(row.jobs, row.own_jobs, row.seconds, row.own_batch_jobs)

    async def waiting(self) -> tuple[WaitingJobs, ...]:
        found = await self._database.read(turns.WAITING, now=self._clock())
        return tuple(WaitingJobs(row.deployment, row.jobs, row.pictures, row.seconds) for row in found)

    async def lease(self, worker: str, seconds: float, kind: JobKind = "generate") -> Lease | None:
        """A caller that is canceled meanwhile holds nothing: what it would have got is given back."""
        now = self._clock()
        until = now + timedelta(seconds=seconds)
        granted = asyncio.create_task(self._database.write(transactions.lease_next, worker, now, until, kind))
        try:
            return await asyncio.shield(granted)
        except asyncio.CancelledError:
            back = asyncio.create_task(self._give_back(granted))
            self._returns.add(back)
            back.add_done_callback(self._returns.discard)
            raise

    async def _give_back(self, granted: asyncio.Task[Lease | None]) -> None:
        with suppress(LeaseLost, StoreUnavailable):  # then it runs out
            lease = await granted
            if lease is not None:
                await self.release(lease)

    async def heartbeat(self, lease: Lease, seconds: float, progress: float) -> bool:
        until = self._clock() + timedelta(seconds=seconds)
        return await self._database.write(transactions.extend, lease, until, min(max(progress, 0.0), 1.0))

    async def append(self, lease: Lease, type: EventType, payload: dict[str, Any]) -> JobEvent:
        return await self._database.write(transactions.append, lease, type, payload, self._clock())

    async def add_image(self, lease: Lease, image: ImageRecord, expected: bool = False) -> JobEvent:
        return await self._database.write(transactions.add_image, lease, image, expected, self._clock())

    async def complete(self, lease: Lease, image: ImageRecord) -> tuple[JobEvent, JobEvent]:
        return await self._database.write(transactions.complete, lease, image, self._clock())

    async def keep_output(self, lease: Lease, output: StageOutput) -> None:
        await self._database.write(transactions.keep_output, lease, output)

    async def outputs(self, job_id: str) -> tuple[StageOutput, ...]:
        return outputs.read_outputs(await self._database.read(outputs.OF_JOB, of_job=job_id))

    async def end(self, lease: Lease, status: JobStatus, failure: JobFailure | None = None) -> JobEvent:
        """Also raises `ValueError` when `status` is not an end, or `failure` is missing or out of place."""
        if not status.ended or (failure is not None) != (status is JobStatus.FAILED):
            raise ValueError(f"A job cannot end as {status} with failure {failure}")
        return await self._database.write(transactions.end, lease, status, failure, self._clock())

    async def release(self, lease: Lease) -> None:
        await self._database.write(transactions.release, lease)

    async def put_off(self, lease: Lease, seconds: float, payload: dict[str, Any]) -> JobEvent:
        now = self._clock()
        until = now + timedelta(seconds=seconds)
        return await self._database.write(transactions.put_off, lease, until, payload, now)

    async def request_cancel(self, viewer: Viewer, job_id: str) -> Job:
        _check_id(job_id)
        return await self._database.write(transactions.request_cancel, viewer, job_id, self._clock())

    async def events(self, viewer: Viewer, job_id: str, after: int = 0) -> tuple[JobEvent, ...]:
        _check_id(job_id)
        last = min(max(after, 0), _LARGEST_SEQ)
        found = await self._database.read(statements.EVENTS, job_id=job_id, after=last)
        if not (found and viewer.sees(found[0])):
            raise transactions.not_found(job_id)
        return tuple(rows.read_event(job_id, row) for row in found if row.seq is not None)

    async def log(self, job_id: str, *types: EventType) -> tuple[JobEvent, ...]:
        found = await self._database.read(statements.LOG, of_job=job_id, types=[type.value for type in types])
        return tuple(rows.read_event(job_id, row) for row in found)

    async def expect_files(self, *sha256: str) -> None:
        await self._database.write(transactions.note_files, sha256, self._clock())

    async def add_picture(self, picture: UploadedPicture) -> None:
        await self._database.write(transactions.add_picture, picture, self._clock())

    async def asset(self, viewer: Viewer, asset_id: str) -> Asset:
        _check_id(asset_id)
        found = await self._database.read(assets.ASSET, asset_id=asset_id)
        if not (found and viewer.sees(found[0])):
            raise NotFound(f"There is no picture {asset_id}")
        parents = await self._database.read(assets.PARENTS, asset_id=asset_id)
        return pictures.read_asset(found[0], parents)

    async def picture(self, viewer: Viewer, picture_id: str) -> UploadedPicture:
        _check_id(picture_id)
        found = await self._database.read(assets.UPLOAD, picture_id=picture_id)
        if not (found and viewer.sees(found[0])):
            raise NotFound(f"There is no picture {picture_id}")
        return pictures.read_upload(found[0])

    async def pictures(
        self, viewer: Viewer, limit: int = 50, before: str | None = None, space: str | None = None
    ) -> tuple[UploadedPicture, ...]:
        for id in filter(None, (before, space)):
            _check_id(id)
        page: dict[str, Any] = {"page": limit} | ({} if before is None else {"before": before})
        page |= {"owner": viewer.owner} if space is None else {"space": space}
        found = await self._database.read(assets.PAGES_OF_UPLOADS[before is not None, space is not None], **page)
        return tuple(pictures.read_upload(row) for row in found if viewer.sees(row))

    async def count_pictures(self, owner: str) -> int:
        (row,) = await self._database.read(assets.COUNT_UPLOADS, owner=owner)
        return int(row.pictures)

    async def remove_picture(self, viewer: Viewer, picture_id: str, signature: Signature | None = None) -> None:
        _check_id(picture_id)
        await self._database.write(transactions.remove_picture, viewer, picture_id, signature, self._clock())

    async def kin_before(self, viewer: Viewer, job_ids: Sequence[str]) -> tuple[Kin, ...]:
        asked = {"job_ids": list(job_ids)}
        origins = await self._database.read(kinship.ORIGINS, **asked)
        return kinship.read_kin(viewer, origins, await self._database.read(kinship.PARENTS, **asked))

    async def kin_after(self, viewer: Viewer, job_ids: Sequence[str], asset_ids: Sequence[str] = ()) -> tuple[Kin, ...]:
        asked = {"job_ids": list(job_ids), "asset_ids": list(asset_ids)}
        descendants = await self._database.read(kinship.DESCENDANTS, **asked)
        return kinship.read_kin(viewer, descendants, await self._database.read(kinship.CHILDREN, **asked))

    async def briefs(self, viewer: Viewer, job_ids: Sequence[str]) -> tuple[JobBrief, ...]:
        return kinship.read_briefs(viewer, await self._database.read(kinship.BRIEFS, job_ids=list(job_ids)))

    async def rates(self) -> dict[str, float]:
        found = await self._database.read(statements.ALL_RATES)
        return {row.work: row.seconds for row in found}

    async def keep_rates(self, seconds: Mapping[str, float]) -> None:
        await self._database.write(transactions.keep_rates, seconds, self._clock())

    async def sweep(self, seconds: float, remove: Callable[[str], None]) -> bool:
        before = self._clock() - timedelta(seconds=seconds)
        if await self._database.read(outputs.OF_ENDED):
            await self._database.write(outputs.remove_missed)
        found = await self._database.read(assets.OLDEST_LOOSE, before=before)
        for row in found:
            await self._database.write(transactions.settle_file, row.sha256, before, remove)
        return bool(found)


def _check_id(id: str) -> None:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    if not (id.isascii() and id.isprintable()):
        raise NotFound("There is no such job or picture")

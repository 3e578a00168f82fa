"""What the store of batches promises: all of a batch or nothing, one for a key, and an end of what is left of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from configs.errors import IdempotencyConflict, NotFound
from configs.rows import RowError
from router.batches.model import NewBatch
from router.batches.store import BatchStore
from router.jobs.model import EventType, IdempotencyKey, JobFailure, JobStatus
from router.jobs.rows import new_job_row
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job, finished, leased, log_of

KEY = IdempotencyKey("k", "sha")
SKIPPED = RowError(line=7, field="seed", message="must be a whole number")


@asynccontextmanager
async def opened(database: JobDatabase) -> AsyncIterator[tuple[SqlJobStore, BatchStore]]:
    async with database.store() as store:
        assert isinstance(store, SqlJobStore)
        yield store, BatchStore(store.database, database.clock)


def a_batch(database: JobDatabase, id: str = "batch_1", first: int = 0, jobs: int = 3) -> NewBatch:
    rows = (
        new_job_row(replace(a_job(number), batch=id, line=number + 2), database.clock())
        for number in range(first, first + jobs)
    )
    return NewBatch(id, "ana", {"name": "clouds"}, jobs + 1, tuple(rows), skipped=(SKIPPED,), lines_skipped=1)


async def test_a_batch_is_there_with_all_of_its_jobs(database: JobDatabase) -> None:
    async with opened(database) as (store, batches):
        assert await batches.accept(a_batch(database)) == ("batch_1", True)
        batch = await batches.batch(Viewer("ana"), "batch_1")
        assert (batch.name, batch.status, batch.jobs, batch.lines, batch.progress) == ("clouds", "queued", 3, 4, 0.0)
        assert (batch.skipped, batch.lines_skipped, batch.remaining_seconds) == ((SKIPPED,), 1, 24.0)
        assert [job.line for job in await batches.jobs("batch_1")] == [2, 3, 4]
        assert [job.id async for job in batches.all_jobs("batch_1")] == [a_job(number).id for number in range(3)]
        assert await log_of(store, "ana", a_job(1).id) == [(1, EventType.QUEUED)]
        with pytest.raises(NotFound, match="There is no batch batch_1"):
            await batches.batch(Viewer("ben"), "batch_1")


async def test_a_batch_that_cannot_be_written_whole_leaves_nothing(database: JobDatabase) -> None:
    async with opened(database) as (store, batches):
        await store.submit(a_job(2))
        with pytest.raises(IntegrityError):
            await batches.accept(a_batch(database))
        assert await batches.batches(Viewer("ana"), 10) == ()
        assert [job.id for job in await store.jobs(Viewer("ana"))] == [a_job(2).id]


async def test_a_key_is_one_batch_for_a_day(database: JobDatabase) -> None:
    async with opened(database) as (_, batches):
        both = await asyncio.gather(
            batches.accept(a_batch(database), KEY), batches.accept(a_batch(database, "batch_2", 10), KEY)
        )
        assert sorted(is_new for _, is_new in both) == [False, True]
        assert both[0][0] == both[1][0] == await batches.submitted("ana", KEY)
        assert await batches.submitted("ben", KEY) is None
        with pytest.raises(IdempotencyConflict):
            await batches.submitted("ana", IdempotencyKey("k", "other"))
        database.clock.advance(24 * 3600 + 1)
        assert await batches.submitted("ana", KEY) is None
        assert await batches.accept(a_batch(database, "batch_3", 20), KEY) == ("batch_3", True)
        assert len(await batches.batches(Viewer("ana"), 10)) == 2


async def test_how_far_it_is_follows_its_jobs(database: JobDatabase) -> None:
    async with opened(database) as (store, batches):
        await batches.accept(a_batch(database))
        await finished(store, await leased(store))
        await store.end(await leased(store), JobStatus.FAILED, JobFailure(code="stage_failed", message="no"))
        await store.heartbeat(await leased(store), 30, 0.5)
        batch = await batches.batch(Viewer("ana"), "batch_1")
        assert (batch.status, batch.unfinished, batch.first_job) == ("processing", 1, a_job(2).id)
        assert batch.progress == pytest.approx(2.5 / 3)
        assert batch.remaining_seconds == 4.0
        ((line, job_id, failure),) = [(one.line, one.job_id, one.failure) for one in await batches.failed("batch_1")]
        assert (line, job_id, failure.message) == (3, a_job(1).id, "no")


async def test_cancel_ends_what_waits_and_flags_what_is_in_work(database: JobDatabase) -> None:
    async with opened(database) as (store, batches):
        await batches.accept(a_batch(database, jobs=4))
        await batches.accept(a_batch(database, "batch_2", 10))
        await finished(store, await leased(store))
        lease = await leased(store)
        assert await batches.cancel(Viewer("ana"), "batch_1") == (lease.job.id,)
        assert await store.heartbeat(lease, 30, 0.1)
        assert await log_of(store, "ana", a_job(3).id) == [(1, EventType.QUEUED), (2, EventType.CANCELED)]
        await store.end(lease, JobStatus.CANCELED)
        batch = await batches.batch(Viewer("ana"), "batch_1")
        assert (batch.status, {status: share.jobs for status, share in batch.shares.items()}) == (
            "canceled",
            {JobStatus.COMPLETE: 1, JobStatus.CANCELED: 3},
        )
        assert await batches.cancel(Viewer("ana"), "batch_1") == ()
        assert (await batches.batch(Viewer("ana"), "batch_2")).unfinished == 3
        with pytest.raises(NotFound):
            await batches.cancel(Viewer("ben"), "batch_2")

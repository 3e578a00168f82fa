"""What every job store promises to workers: one job each, and no write from one that was replaced."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from configs.errors import LeaseLost
from router.jobs.model import EventType, ImageRecord, JobFailure, JobStatus, Lease, StageOutput
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from tests.contract.job_samples import (
    LEASE_SECONDS,
    JobDatabase,
    a_job,
    a_picture,
    finished,
    leased,
    log_of,
    unnamed,
)

Write = Callable[[JobStore, Lease], Awaitable[object]]
WRITES: dict[str, Write] = {
    "heartbeat": lambda store, lease: store.heartbeat(lease, LEASE_SECONDS, 0.9),
    "append": lambda store, lease: store.append(lease, EventType.STAGE, {"stage": "base"}),
    "add_image": lambda store, lease: store.add_image(lease, a_picture(3)),
    "add_image, stored": lambda store, lease: store.add_image(lease, a_picture(0)),
    "complete": lambda store, lease: store.end(lease, JobStatus.COMPLETE),
    "fail": lambda store, lease: store.end(lease, JobStatus.FAILED, JobFailure(code="x", message="y")),
    "last picture": lambda store, lease: store.complete(lease, a_picture(3)),
    "keep output": lambda store, lease: store.keep_output(lease, StageOutput(3, 0, "base", "0" * 64, {}, (), "")),
    "release": lambda store, lease: store.release(lease),
    "put off": lambda store, lease: store.put_off(lease, 60, {"stage": "paused"}),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


async def expect_fenced(store: JobStore, lease: Lease, write: Write) -> None:
    """`write` raises `LeaseLost` and leaves job, log and lease as they were."""
    job_id, owner = lease.job.id, lease.job.owner
    before = await store.job(Viewer(owner), job_id), await store.events(Viewer(owner), job_id)
    with pytest.raises(LeaseLost):
        await write(store, lease)
    assert (await store.job(Viewer(owner), job_id), await store.events(Viewer(owner), job_id)) == before


async def test_a_lease_hands_out_a_job_and_says_so_in_its_log(database: JobDatabase) -> None:
    clock = database.clock
    async with database.store() as store:
        await store.submit(a_job(1))
        clock.advance(3)
        lease = await leased(store, "worker-1")
        assert (lease.worker, lease.token, lease.until) == ("worker-1", 1, clock.now + timedelta(seconds=LEASE_SECONDS))
        assert lease.job == await store.job(Viewer("ana"), a_job(1).id)
        assert (lease.job.status, lease.job.attempt, lease.job.started_at) == (JobStatus.PROCESSING, 1, clock.now)
        assert await log_of(store, "ana", lease.job.id) == [(1, EventType.QUEUED), (2, EventType.STARTED)]


async def test_there_is_nothing_to_lease_when_all_is_in_work_or_ended(database: JobDatabase) -> None:
    async with database.store() as store:
        assert await store.lease("worker-1", LEASE_SECONDS) is None
        await store.submit(a_job(1))
        lease = await leased(store)
        assert await store.lease("worker-2", LEASE_SECONDS) is None
        await finished(store, lease)
        database.clock.advance(LEASE_SECONDS + 1)
        assert await store.lease("worker-2", LEASE_SECONDS) is None


async def test_jobs_of_one_owner_are_leased_in_order(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in (1, 2, 3):
            await store.submit(a_job(number))
        assert [(await leased(store)).job.id for _ in range(3)] == [a_job(number).id for number in (1, 2, 3)]


async def test_a_lease_that_ran_out_is_taken_over_with_its_pictures(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        dead = await leased(store, "worker-1")
        await store.add_image(dead, a_picture(0))
        await store.heartbeat(dead, LEASE_SECONDS, 0.3)
        database.clock.advance(LEASE_SECONDS - 0.001)
        assert await store.lease("worker-2", LEASE_SECONDS) is None
        database.clock.advance(0.001)
        lease = await leased(store, "worker-2")
        assert lease.token > dead.token
        assert (lease.job.attempt, unnamed(lease.job.images), lease.job.progress) == (2, (a_picture(0),), 0.3)
        assert lease.job.started_at == dead.job.started_at
        assert (await log_of(store, "ana", lease.job.id))[-1] == (4, EventType.RETRIED)


async def test_many_workers_on_several_stores_never_share_a_job(database: JobDatabase) -> None:
    async with database.store() as one, database.store() as two, database.store() as three:
        for number in range(60):
            await one.submit(a_job(number, f"owner-{number % 5}"))

        async def work(store: JobStore, worker: str) -> list[str]:
            mine = []
            while (lease := await store.lease(worker, LEASE_SECONDS)) is not None:
                mine.append(lease.job.id)
                await asyncio.sleep(0)
                await store.end(lease, JobStatus.COMPLETE)
            return mine

        shares = await asyncio.gather(*(work(s, f"w{n}-{id(s)}") for s in (one, two, three) for n in range(3)))
        assert Counter(job for share in shares for job in share) == Counter(a_job(n).id for n in range(60))


@every_write
async def test_a_worker_that_slept_past_its_lease_can_write_nothing(database: JobDatabase, write: Write) -> None:
    async with database.store() as sleeper, database.store() as store:
        await store.submit(a_job(1))
        old = await leased(sleeper, "worker-1")
        await store.add_image(old, a_picture(0))
        database.clock.advance(LEASE_SECONDS)
        new = await leased(store, "worker-2")
        await expect_fenced(sleeper, old, write)
        assert not await store.heartbeat(new, LEASE_SECONDS, 0.5)


@every_write
async def test_nothing_is_written_to_a_job_that_ended_or_was_given_back(database: JobDatabase, write: Write) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.add_image(lease, a_picture(0))
        await store.release(lease)
        await expect_fenced(store, lease, write)
        again = await leased(store)
        await store.end(again, JobStatus.CANCELED)
        await expect_fenced(store, again, write)


async def test_the_same_worker_is_fenced_by_its_own_newer_lease(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        old = await leased(store, "worker-1")
        database.clock.advance(LEASE_SECONDS)
        await leased(store, "worker-1")
        await expect_fenced(store, old, WRITES["append"])


async def test_a_late_worker_that_nobody_replaced_goes_on(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        database.clock.advance(LEASE_SECONDS * 10)
        assert not await store.heartbeat(lease, LEASE_SECONDS, 0.5)
        assert await store.lease("worker-2", LEASE_SECONDS) is None
        assert (await finished(store, lease)).attempt == 1


async def test_a_heartbeat_extends_the_lease_from_now(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        database.clock.advance(20)
        await store.heartbeat(lease, LEASE_SECONDS, 0.1)
        database.clock.advance(LEASE_SECONDS - 1)
        assert await store.lease("worker-2", LEASE_SECONDS) is None
        database.clock.advance(1)
        assert (await leased(store, "worker-2")).job.id == lease.job.id


async def test_progress_never_goes_down_and_stays_a_share(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        seen = []
        for progress in (-0.5, 0.4, 0.2, 0.6, 1.0000001):
            await store.heartbeat(lease, LEASE_SECONDS, progress)
            seen.append((await store.job(Viewer("ana"), lease.job.id)).progress)
    assert seen == [0.0, 0.4, 0.4, 0.6, 1.0]


async def test_a_picture_drawn_twice_is_stored_once(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        first = await store.add_image(lease, a_picture(1, seed=7))
        again = await store.add_image(lease, a_picture(1, seed=8))
        assert again == first
        await store.add_image(lease, a_picture(0))
        assert (
            ImageRecord.model_validate(first.payload["image"])
            == (await store.job(Viewer("ana"), lease.job.id)).images[-1]
        )
        job = await store.job(Viewer("ana"), lease.job.id)
        assert unnamed(job.images) == (a_picture(0), a_picture(1, seed=7))
        assert len({image.asset_id for image in job.images}) == 2
        assert [seq for seq, _ in await log_of(store, "ana", job.id)] == [1, 2, 3, 4]


async def test_a_picture_added_by_many_at_once_is_stored_once(database: JobDatabase) -> None:
    async with database.store() as one, database.store() as other:
        await one.submit(a_job(1))
        lease = await leased(one)
        events = await asyncio.gather(*(store.add_image(lease, a_picture(0)) for store in (one, other) * 5))
        assert {event.seq for event in events} == {3}
        assert [seq for seq, _ in await log_of(one, "ana", lease.job.id)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("status", "failure", "event", "progress"),
    [
        (JobStatus.COMPLETE, None, EventType.COMPLETE, 1.0),
        (JobStatus.CANCELED, None, EventType.CANCELED, 0.25),
        (JobStatus.FAILED, JobFailure(code="stage_failed", message="no\x00 ☕"), EventType.FAILED, 0.25),
    ],
)
async def test_a_job_ends_with_the_event_of_its_status(
    database: JobDatabase, status: JobStatus, failure: JobFailure | None, event: EventType, progress: float
) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.heartbeat(lease, LEASE_SECONDS, 0.25)
        database.clock.advance(9)
        written = await store.end(lease, status, failure)
        job = await store.job(Viewer("ana"), lease.job.id)
        assert (job.status, job.failure, job.progress, job.ended_at) == (status, failure, progress, database.clock.now)
        assert (await store.events(Viewer("ana"), job.id))[-1] == written
        assert (written.type, written.payload) == (event, failure.model_dump() if failure else {})


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (JobStatus.PROCESSING, None),
        (JobStatus.FAILED, None),
        (JobStatus.COMPLETE, JobFailure(code="x", message="y")),
    ],
)
async def test_an_end_that_is_none_is_refused(
    database: JobDatabase, status: JobStatus, failure: JobFailure | None
) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        with pytest.raises(ValueError, match="cannot end"):
            await store.end(lease, status, failure)
        assert await store.job(Viewer("ana"), lease.job.id) == lease.job


async def test_a_job_given_back_is_leasable_at_once_and_keeps_what_it_has(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store, "worker-1")
        await store.add_image(lease, a_picture(0))
        await store.heartbeat(lease, LEASE_SECONDS, 0.25)
        await store.release(lease)
        again = await leased(store, "worker-2")
        assert (unnamed(again.job.images), again.job.progress, again.job.attempt) == ((a_picture(0),), 0.25, 2)


async def test_a_canceled_job_whose_worker_died_is_handed_to_one_who_ends_it(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        await leased(store, "worker-1")
        await store.request_cancel(Viewer("ana"), a_job(1).id)
        database.clock.advance(LEASE_SECONDS)
        lease = await leased(store, "worker-2")
        assert lease.job.cancel_requested
        await store.end(lease, JobStatus.CANCELED)


async def test_numbers_of_events_have_no_gaps_when_many_write_at_once(database: JobDatabase) -> None:
    async with database.store() as one, database.store() as other:
        await one.submit(a_job(1))
        lease = await leased(one)
        stores = (one, other) * 10
        appended = (store.append(lease, EventType.STAGE, {"n": n}) for n, store in enumerate(stores))
        drawn = (store.add_image(lease, a_picture(n % 4)) for n, store in enumerate(stores))
        flagged = (store.request_cancel(Viewer("ana"), lease.job.id) for store in stores)
        await asyncio.gather(*appended, *drawn, *flagged)
        log = await log_of(one, "ana", lease.job.id)
        assert [seq for seq, _ in log] == list(range(1, 2 + 20 + 4 + 1))
        assert Counter(kind for _, kind in log)[EventType.IMAGE] == 4

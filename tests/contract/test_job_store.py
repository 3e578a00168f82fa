"""What every job store promises about submitting, reading and cancelling, on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from configs.errors import IdempotencyConflict, NotFound
from router.jobs.model import Backlog, EventType, IdempotencyKey, JobStatus, UploadedPicture, WaitingJobs
from router.people.viewer import Viewer
from router.plan import Plan
from tests.contract.job_samples import LEASE_SECONDS, JobDatabase, a_job, a_picture, finished, leased, log_of

KEY = IdempotencyKey("click-1", "hash-of-body")


async def test_a_submitted_job_reads_back_as_it_was_accepted(database: JobDatabase) -> None:
    new = a_job(1)
    async with database.store() as store:
        accepted, is_new = await store.submit(new)
        assert is_new
        assert await store.job(Viewer("ana"), new.id) == accepted
    assert (accepted.request, accepted.plan, accepted.licence) == (new.request, new.plan, new.licence)
    assert (accepted.status, accepted.progress, accepted.attempt) == (JobStatus.QUEUED, 0.0, 0)
    assert accepted.created_at == database.clock.now
    assert (accepted.started_at, accepted.ended_at, accepted.failure) == (None, None, None)


async def test_submitting_writes_the_first_event(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        (event,) = await store.events(Viewer("ana"), a_job(1).id)
    assert (event.seq, event.type, event.at) == (1, EventType.QUEUED, database.clock.now)


async def test_a_key_used_again_with_the_same_body_answers_with_the_first_job(database: JobDatabase) -> None:
    async with database.store() as store:
        first, _ = await store.submit(a_job(1), KEY)
        again, is_new = await store.submit(a_job(2), KEY)
        assert (again, is_new) == (first, False)
        assert await store.jobs(Viewer("ana")) == (first,)


async def test_a_replay_answers_with_the_job_as_it_is_now(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1), KEY)
        lease = await leased(store)
        await store.add_image(lease, a_picture(0))
        now = await finished(store, lease)
        assert await store.submit(a_job(2), KEY) == (now, False)


async def test_a_key_used_again_with_another_body_is_refused_and_stores_nothing(database: JobDatabase) -> None:
    async with database.store() as store:
        first, _ = await store.submit(a_job(1), KEY)
        with pytest.raises(IdempotencyConflict):
            await store.submit(a_job(2), IdempotencyKey(KEY.key, "another-hash"))
        assert await store.jobs(Viewer("ana")) == (first,)


async def test_the_job_of_a_key_is_found_without_an_order(database: JobDatabase) -> None:
    async with database.store() as store:
        assert await store.submitted("ana", KEY) is None
        first, _ = await store.submit(a_job(1), KEY)
        assert await store.submitted("ana", KEY) == first
        assert await store.submitted("ben", KEY) is None
        with pytest.raises(IdempotencyConflict):
            await store.submitted("ana", IdempotencyKey(KEY.key, "another-hash"))
        database.clock.advance(24 * 3600)
        assert await store.submitted("ana", KEY) is None


async def test_owners_do_not_share_keys(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1, "ana"), KEY)
        _, is_new = await store.submit(a_job(2, "ben"), KEY)
    assert is_new


async def test_a_key_is_forgotten_after_a_day(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1), KEY)
        database.clock.advance(24 * 3600 - 1)
        assert not (await store.submit(a_job(2), KEY))[1]
        database.clock.advance(1)
        second, is_new = await store.submit(a_job(3), IdempotencyKey(KEY.key, "another-hash"))
        assert (second.id, is_new) == (a_job(3).id, True)


async def test_twenty_submissions_at_once_with_one_key_make_one_job(database: JobDatabase) -> None:
    async with database.store() as one, database.store() as other:
        answers = await asyncio.gather(
            *(store.submit(a_job(number), KEY) for number, store in enumerate((one, other) * 10))
        )
        assert sum(is_new for _, is_new in answers) == 1
        assert len({job.id for job, _ in answers}) == 1
        assert len(await one.jobs(Viewer("ana"))) == 1


@pytest.mark.parametrize("job_id", ["job_none", "job_00000001\x00", "job_é", "\udc80", ""])
async def test_a_job_that_does_not_exist_is_not_found(database: JobDatabase, job_id: str) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        for call in (store.job, store.events, store.request_cancel):
            with pytest.raises(NotFound):
                await call(Viewer("ana"), job_id)


async def test_a_job_of_another_owner_is_not_found_and_not_touched(database: JobDatabase) -> None:
    async with database.store() as store:
        mine, _ = await store.submit(a_job(1, "ana"))
        for call in (store.job, store.events, store.request_cancel):
            with pytest.raises(NotFound):
                await call(Viewer("ben"), mine.id)
        assert await store.jobs(Viewer("ben")) == ()
        assert await store.job(Viewer("ana"), mine.id) == mine


async def test_pages_hold_every_job_of_the_owner_once_newest_first(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(7):
            await store.submit(a_job(number, "ana"))
            await store.submit(a_job(100 + number, "ben"))
        lease = await leased(store)
        for index in range(3):
            await store.add_image(lease, a_picture(index))
        pages, before = [], None
        while page := await store.jobs(Viewer("ana"), limit=3, before=before):
            pages.append(page)
            before = page[-1].id
    assert [len(page) for page in pages] == [3, 3, 1]
    found = [job for page in pages for job in page]
    assert all(newer.id > older.id for newer, older in pairwise(found))
    assert {job.owner for job in found} == {"ana"}
    assert [len(job.images) for job in found] == [0, 0, 0, 0, 0, 0, 3]


async def test_backlog_counts_what_remains_of_all_owners(database: JobDatabase) -> None:
    async with database.store() as store:
        assert await store.backlog("ana") == Backlog(0, 0, 0.0)
        for number, seconds in enumerate((8.0, 10.0, 100.0)):
            await store.submit(a_job(number, f"owner-{number}", seconds))
        half, over = await leased(store), await leased(store, "worker-2")
        await store.heartbeat(half, 30, 0.5)
        await store.end(over, JobStatus.CANCELED)
        assert await store.backlog("ana") == Backlog(2, 0, 104.0)


async def test_backlog_ahead_of_a_job_counts_only_what_was_accepted_before_it(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(4):
            await store.submit(a_job(number, f"owner-{number}", 8.0))
        await finished(store, await leased(store))
        assert await store.backlog("owner-1", ahead_of=a_job(3).id) == Backlog(2, 1, 16.0)
        assert await store.backlog("owner-1", ahead_of=a_job(1).id) == Backlog(0, 0, 0.0)


async def test_what_waits_is_summed_up_by_the_deployment_that_is_to_draw_it(database: JobDatabase) -> None:
    async with database.store() as store:
        assert await store.waiting() == ()
        for number in range(3):
            await store.submit(a_job(number))
        elsewhere = a_job(3)
        plan = elsewhere.plan
        assert isinstance(plan, Plan)
        base = plan.base.model_copy(update={"deployment": "generator-large", "estimated_seconds": 10.0})
        stages = (base, *plan.stages[1:])
        await store.submit(replace(elsewhere, plan=plan.model_copy(update={"stages": stages})))
        lease = await leased(store)
        await store.heartbeat(lease, LEASE_SECONDS, 0.25)
        large = WaitingJobs("generator-large", jobs=1, pictures=4, seconds=40.0)
        assert set(await store.waiting()) == {WaitingJobs("generator-mini", jobs=2, pictures=8, seconds=8.0), large}
        await store.release(lease)
        assert set(await store.waiting()) == {WaitingJobs("generator-mini", jobs=3, pictures=11, seconds=11.0), large}


async def test_a_job_whose_worker_died_waits_again(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        await leased(store)
        assert await store.waiting() == ()
        database.clock.advance(LEASE_SECONDS)
        assert await store.waiting() == (WaitingJobs("generator-mini", jobs=1, pictures=4, seconds=4.0),)


async def test_unfinished_jobs_are_counted_per_owner(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(3):
            await store.submit(a_job(number, "ana"))
        await store.submit(a_job(9, "ben"))
        await finished(store, await leased(store))
        assert (await store.backlog("ana")).own_jobs == 2
        assert (await store.backlog("ben")).own_jobs == 1
        assert (await store.backlog("eve")).own_jobs == 0


async def test_cancelling_a_queued_job_ends_it_at_once(database: JobDatabase) -> None:
    async with database.store() as store:
        new = a_job(1)
        await store.submit(new)
        database.clock.advance(5)
        canceled = await store.request_cancel(Viewer("ana"), new.id)
        assert (canceled.status, canceled.ended_at) == (JobStatus.CANCELED, database.clock.now)
        assert await store.request_cancel(Viewer("ana"), new.id) == canceled
        assert await log_of(store, "ana", new.id) == [(1, EventType.QUEUED), (2, EventType.CANCELED)]
        assert await store.lease("worker-1", 30) is None


async def test_cancelling_a_job_in_work_tells_its_worker(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        assert not await store.heartbeat(lease, 30, 0.1)
        flagged = await store.request_cancel(Viewer("ana"), lease.job.id)
        assert (flagged.status, flagged.cancel_requested) == (JobStatus.PROCESSING, True)
        assert await store.heartbeat(lease, 30, 0.2)
        await store.end(lease, JobStatus.CANCELED)
        assert (await store.job(Viewer("ana"), lease.job.id)).status is JobStatus.CANCELED


async def test_cancelling_an_ended_job_changes_nothing(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        ended = await finished(store, await leased(store))
        log = await log_of(store, "ana", ended.id)
        assert await store.request_cancel(Viewer("ana"), ended.id) == ended
        assert await log_of(store, "ana", ended.id) == log


async def test_events_are_read_from_where_the_reader_left_off(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        written = await store.append(lease, EventType.STAGE, {"stage": "base", "note": "☕ \x00"})
        assert await store.events(Viewer("ana"), lease.job.id, after=2) == (written,)
        assert await store.events(Viewer("ana"), lease.job.id, after=3) == ()
        assert await store.events(Viewer("ana"), lease.job.id, after=10**30) == ()


async def test_a_log_is_read_by_the_types_of_its_events(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        first = await store.append(lease, EventType.CANDIDATE, {"candidate": 0})
        await store.append(lease, EventType.STAGE, {"stage": "loading"})
        second = await store.append(lease, EventType.CHOSEN, {"candidates": [0]})
        assert await store.log(lease.job.id, EventType.CANDIDATE, EventType.CHOSEN) == (first, second)
        assert await store.log(lease.job.id, EventType.RETRIED) == ()
        assert await store.log("nothing", EventType.CANDIDATE) == ()


async def test_an_uploaded_picture_is_its_owners_alone(database: JobDatabase) -> None:
    picture = UploadedPicture("pic_1", "ana", "ab" * 32, 640, 400, 2**21)
    async with database.store() as store:
        await store.add_picture(picture)
    async with database.store() as store:
        assert await store.picture(Viewer("ana"), "pic_1") == picture
        for owner, id in (("bob", "pic_1"), ("ana", "pic_2"), ("ana", "pic\x00"), ("ana", "Käse")):
            with pytest.raises(NotFound):
                await store.picture(Viewer(owner), id)

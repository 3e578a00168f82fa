"""What all jobs of somebody tell, in one order that no reader can see change, on each engine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert

from router.experiments.tables import job_arms
from router.jobs.event_log import write_events
from router.jobs.model import EventType, JobEvent, JobStatus, Lease, NewJob
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from router.plan import COMPARED
from router.storage.database import parse_url
from router.streams.cursor import BEGINNING, Cursor
from router.streams.store import MOST_MISSED, StreamStore, Told
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def streams(store: Any) -> StreamStore:
    assert isinstance(store, SqlJobStore)
    return StreamStore(store.database)


async def heard(store: Any, owner: str = "ana", after: Cursor = BEGINNING) -> list[Told]:
    """All that there is after a cursor, page by page."""
    found: list[Told] = []
    while page := await streams(store).since(owner, found[-1].cursor if found else after):
        found += page
    return found


async def complete(store: JobStore, lease: Lease) -> None:
    """With its last picture, in one transaction."""
    picture = a_picture(0)
    await store.expect_files(*(file.sha256 for file in picture.files))
    await store.complete(lease, picture)


def told(found: list[Told]) -> list[tuple[str, int, EventType]]:
    return [(one.event.job_id, one.event.seq, one.event.type) for one in found]


async def test_all_jobs_of_an_owner_and_no_others_are_told_in_one_order(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        await store.submit(a_job(2, "ben"))
        await store.submit(a_job(3))
        lease = await leased(store)
        await complete(store, lease)
        await store.request_cancel(Viewer("ana"), a_job(3).id)
        first, third = a_job(1).id, a_job(3).id
        found = await heard(store)
        assert told(found) == [
            (first, 1, EventType.QUEUED),
            (third, 1, EventType.QUEUED),
            (first, 2, EventType.STARTED),
            (first, 3, EventType.IMAGE),
            (first, 4, EventType.COMPLETE),
            (third, 2, EventType.CANCELED),
        ]
        assert [one.cursor.number for one in found] == list(range(1, 7))
        assert [one.event.job_id for one in await heard(store, "ben")] == [a_job(2).id]
        assert await streams(store).last(["ana", "ben", "eve"]) == {"ana": 6, "ben": 1}
        assert found[3].event.payload["image"]["seed"] == a_picture(0).seed


async def test_whoever_goes_on_from_a_cursor_hears_the_rest_and_nothing_twice(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(1, 6):
            await store.submit(a_job(number))
        everything = await heard(store)
        now = await streams(store).now("ana")
        assert now == everything[-1].cursor
        for place, one in enumerate(everything):
            assert await streams(store).can_go_on("ana", one.cursor, now)
            assert await heard(store, after=one.cursor) == everything[place + 1 :]
        assert await streams(store).can_go_on("ana", BEGINNING, now)


async def test_a_cursor_of_another_log_or_of_long_ago_is_known_to_be_that(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(1, 4):
            await store.submit(a_job(number))
        await store.submit(a_job(9, "ben"))
        known = streams(store)
        now = await known.now("ana")
        others = [
            (await known.now("ben")),
            Cursor(now.number, "0" * 8),
            Cursor(now.number + 1, now.tag),
            Cursor(0, "12345678"),
        ]
        assert not any([await known.can_go_on("ana", one, now) for one in others])
        assert not await known.can_go_on("ana", BEGINNING, Cursor(MOST_MISSED + 1, now.tag))
        assert await known.now("nobody") == BEGINNING


async def test_who_commits_later_is_read_later_whoever_began_first(database: JobDatabase) -> None:
    """Two writers of one owner: what can be read is always the beginning of what there is. A sequence would give the
    first writer the lower number, and who has seen the higher one would never look for it."""
    async with database.store() as store:
        for number in (1, 2):
            await store.submit(a_job(number))
        before = await heard(store)
        holds, go_on = threading.Event(), threading.Event()

        def wait(_: Connection) -> None:
            holds.set()
            assert go_on.wait(30)

        slow = threading.Thread(
            target=_write, args=(database, JobEvent(a_job(1).id, 2, EventType.STAGE, {}, NOW), wait)
        )
        quick = threading.Thread(target=_write, args=(database, JobEvent(a_job(2).id, 2, EventType.STAGE, {}, NOW)))
        slow.start()
        assert await asyncio.to_thread(holds.wait, 30)
        quick.start()
        assert await heard(store) == before
        go_on.set()
        await asyncio.to_thread(slow.join)
        await asyncio.to_thread(quick.join)
        after = await heard(store, after=before[-1].cursor)
        assert [(one.cursor.number, one.event.job_id) for one in after] == [(3, a_job(1).id), (4, a_job(2).id)]


def _write(database: JobDatabase, event: JobEvent, then: Callable[[Connection], None] = lambda _: None) -> None:
    """In a transaction of its own, as another process would."""
    engine = create_engine(parse_url(database.url), connect_args=_patient(database.url))
    with engine.begin() as connection:
        write_events(connection, "ana", event)
        then(connection)
    engine.dispose()


def _patient(url: str) -> dict[str, Any]:
    return {"isolation_level": "IMMEDIATE", "timeout": 60} if url.startswith("sqlite") else {}


async def test_what_is_taken_back_leaves_no_gap(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.add_image(lease, a_picture(0))
        await store.add_image(lease, a_picture(0))  # again, as after a crash: its number is given back
        await store.end(lease, JobStatus.COMPLETE)
        assert [one.cursor.number for one in await heard(store)] == [1, 2, 3, 4]


@pytest.mark.slow
async def test_readers_beside_many_writers_miss_nothing_and_hear_nothing_twice(database: JobDatabase) -> None:
    """Four processes' worth of stores write; a reader goes from cursor to cursor all the while."""
    jobs = 24

    async def work(number: int) -> None:
        async with database.store() as store:
            for job in range(number, jobs, 4):
                await store.submit(a_job(job))
                lease = await leased(store, f"worker-{number}", 600)
                await store.append(lease, EventType.STAGE, {"stage": "base"})
                await complete(store, lease)

    async with database.store() as store:
        working = asyncio.gather(*(work(number) for number in range(4)))
        found: list[Told] = []
        while True:
            done = working.done()
            found += await heard(store, after=found[-1].cursor if found else BEGINNING)
            if done:
                break
        await working
        assert [one.cursor.number for one in found] == list(range(1, 5 * jobs + 1))
        for job in range(jobs):
            assert [one.event.seq for one in found if one.event.job_id == a_job(job).id] == [1, 2, 3, 4, 5]


async def test_what_a_comparison_draws_and_what_nobody_asked_for_is_not_told(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        await store.submit(a_job(2))
        await store.submit(a_job(3, "experiment:colours"))
        assert isinstance(store, SqlJobStore)
        await store.database.write(_make_side, a_job(1))
        assert [one.event.job_id for one in await heard(store)] == [a_job(2).id]
        whose = [await streams(store).whose(a_job(number).id) for number in range(1, 5)]
        assert whose == [None, "ana", None, None]
        assert await streams(store).last(["ana", "experiment:colours"]) == {"ana": 2}


def _make_side(connection: Connection, job: NewJob) -> None:
    """As a comparison's jobs are noted."""
    way = {"assigned": "a", "served": "a", "reason": COMPARED, "unit": "u", "pair": "p", "run_id": None}
    connection.execute(insert(job_arms), {"job_id": job.id, "experiment_id": "cmp_1", "phase": 0, **way})

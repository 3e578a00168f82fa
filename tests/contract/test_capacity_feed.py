"""What the job table says of demand, and that one process of several decides, on both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.capacity.feeds.jobs import JobFeed, first_id
from router.capacity.feeds.past_days import DAYS, Foreseen, PastDays
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.storage.database import Database
from tests.contract.job_samples import LEASE_SECONDS, JobDatabase, a_job, finished, leased

MINI = "generator-mini"


def feed_of(database: JobDatabase, store: JobStore) -> JobFeed:
    assert isinstance(store, SqlJobStore)
    return JobFeed(store.database, database.clock)


async def test_what_waits_and_what_is_in_hand_are_told_apart(database: JobDatabase) -> None:
    async with database.store() as store:
        feed = feed_of(database, store)
        assert await feed.by_placement() == {}
        for number in (1, 2):
            await store.submit(a_job(number))
        both = (await feed.by_placement())[MINI]
        assert (both.jobs, both.waiting_jobs, both.waiting_seconds, both.in_hand_seconds) == (2, 2, 8.0, 0.0)
        await store.lease("one", LEASE_SECONDS)
        database.clock.advance(5)
        told = (await feed.by_placement())[MINI]
    assert (told.jobs, told.waiting_jobs, told.pictures, told.at_a_time) == (2, 1, 8, 4)
    assert (told.waiting_seconds, told.in_hand_seconds) == (4.0, 4.0)
    assert told.oldest_wait_seconds == pytest.approx(5, abs=1)


async def test_jobs_that_were_drawn_tell_how_right_their_predictions_were(database: JobDatabase) -> None:
    async with database.store() as store:
        feed = feed_of(database, store)
        await store.submit(a_job(1))
        lease = await leased(store)
        database.clock.advance(10)
        await finished(store, lease)
        told = (await feed.by_placement())[MINI]
    assert (told.jobs, told.seconds_per_job) == (0, 4.0)
    assert told.taken_seconds == pytest.approx(10, abs=1.5)
    assert told.predicted_seconds > 0


async def test_the_coming_hour_is_the_mean_of_the_same_hour_of_seven_days(database: JobDatabase) -> None:
    async with database.store() as store:
        assert isinstance(store, SqlJobStore)
        feed = PastDays(store.database, database.clock)
        assert await feed.foreseen() == {}
        for number, minutes in enumerate((30, 30, 90)):  # the last one in the hour after
            database.clock.advance(60 * minutes)
            await store.submit(replace(a_job(number), id=f"{first_id(database.clock())}{number}"))
            database.clock.advance(-60 * minutes)
        database.clock.advance(2 * 24 * 3600)
        assert await feed.foreseen() == {MINI: Foreseen(8.0 / (DAYS * 3600), 2 / DAYS)}
        database.clock.advance(DAYS * 24 * 3600)
        assert await feed.foreseen() == {}


async def test_the_seat_is_one_processs_and_is_free_when_that_is_gone(database: JobDatabase) -> None:
    first, second = Database(database.url), Database(database.url)
    seats = first.seat(1), second.seat(1)
    assert [await one.take() for one in (*seats, seats[0])] == [True, False, True]
    await seats[0].leave()
    assert await seats[1].take()
    await seats[1].leave()
    for one in (first, second):
        await one.close()

"""What survives: restarts, kill -9, clients that hang up, and connections that break."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from configs.errors import StoreUnavailable
from router.jobs.model import EventType, JobStatus
from router.people.viewer import Viewer
from tests.contract.job_processes import submit_forever, work_until_done
from tests.contract.job_samples import LEASE_SECONDS, Clock, JobDatabase, a_job, a_picture, leased, log_of
from tests.file_places import full_disk
from tests.postgres import PostgresServer

pytestmark = pytest.mark.slow

KILLS = 24
JOBS_PER_START = 100_000
DROP_CONNECTIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def start(processes: ForkServerContext, target: Any, *args: object) -> tuple[ForkServerProcess, Connection]:
    """A process that runs `target` with `args` and a pipe, and the end of the pipe to read."""
    reader, writer = processes.Pipe(duplex=False)
    process = processes.Process(target=target, args=(*args, writer), daemon=True)
    process.start()
    writer.close()
    return process, reader


def received(reader: Connection) -> Iterator[str]:
    """What was sent until the other end closed."""
    with reader, suppress(EOFError, ConnectionResetError):
        while True:
            yield reader.recv()


async def test_everything_is_there_after_a_restart(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        await store.submit(a_job(2))
        lease = await leased(store)
        await store.add_image(lease, a_picture(0))
        await store.heartbeat(lease, LEASE_SECONDS, 0.25)
        jobs, events = await store.jobs(Viewer("ana")), await store.events(Viewer("ana"), lease.job.id)
    async with database.store() as store:
        assert await store.jobs(Viewer("ana")) == jobs
        assert await store.events(Viewer("ana"), lease.job.id) == events
        assert (await store.add_image(lease, a_picture(1))).seq == events[-1].seq + 1
        assert (await leased(store, "worker-2")).job.id == a_job(2).id


async def test_what_submit_returned_survives_kill_nine(
    sqlite_database: JobDatabase, processes: ForkServerContext
) -> None:
    async with sqlite_database.store() as store:
        await store.backlog("ana")
    chance = random.Random(20)
    accepted: list[str] = []
    for number in range(KILLS):
        process, reader = start(processes, submit_forever, sqlite_database.url, number * JOBS_PER_START)
        if number % 2 and reader.poll(20):  # every other one is killed at random from its first commit on
            accepted.append(reader.recv())
        time.sleep(chance.uniform(0.0, 0.1))
        process.kill()
        accepted += received(reader)
        process.join()
    assert len(accepted) > KILLS
    _check_submissions(sqlite_database, set(accepted))


def _check_submissions(database: JobDatabase, accepted: set[str]) -> None:
    """All that was accepted is there, and whatever is there is whole: a job, its first event, its key."""
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {job_id for (job_id,) in connection.execute("SELECT id FROM jobs")}
        events = connection.execute("SELECT job_id, seq, type FROM job_events").fetchall()
        keys = {job_id for (job_id,) in connection.execute("SELECT job_id FROM idempotency")}
    connection.close()
    assert accepted <= kept
    assert Counter(events) == Counter((job_id, 1, EventType.QUEUED.value) for job_id in kept)
    assert keys == kept


async def test_workers_in_several_processes_never_share_a_job(
    database: JobDatabase, processes: ForkServerContext
) -> None:
    async with database.store(Clock()) as store:
        for number in range(60):
            await store.submit(a_job(number, f"owner-{number % 3}"))
    workers = [start(processes, work_until_done, database.url) for _ in range(3)]
    ended: list[str] = []
    readers: list[Any] = [reader for _, reader in workers]
    while readers:
        for reader in wait(readers, timeout=60):
            try:
                ended.append(cast(Connection, reader).recv())
            except EOFError:
                readers.remove(reader)
    for process, _ in workers:
        process.join()
        assert process.exitcode == 0
    assert Counter(ended) == Counter(a_job(number).id for number in range(60))


async def test_a_caller_that_is_canceled_leaves_a_working_store(database: JobDatabase) -> None:
    chance = random.Random(4)
    async with database.store() as store, database.store() as other:
        await store.submit(a_job(0))
        lease = await leased(store)
        for number in range(1, 60):
            tasks = [
                asyncio.ensure_future(store.submit(a_job(number))),
                asyncio.ensure_future(store.append(lease, EventType.STAGE, {"stage": "base"})),
                asyncio.ensure_future(store.job(Viewer("ana"), lease.job.id)),
            ]
            await asyncio.sleep(chance.uniform(0, 0.008))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        # A canceled write that kept the database locked would make this one fail.
        last = await other.append(lease, EventType.STAGE, {"stage": "finish"})
        log = [seq for seq, _ in await log_of(store, "ana", lease.job.id)]
        assert log == list(range(1, len(log) + 1))
        assert last.seq in log  # not the last of them: what a canceled caller began goes on to its end
        for job in await store.jobs(Viewer("ana"), limit=100):
            assert (await store.events(Viewer("ana"), job.id))[0].type is EventType.QUEUED


async def test_a_job_leased_by_a_caller_that_was_canceled_is_leasable_again(database: JobDatabase) -> None:
    chance = random.Random(5)
    async with database.store() as store:
        await store.submit(a_job(0))
        for _ in range(40):
            looking = asyncio.ensure_future(store.lease("worker-1", LEASE_SECONDS))
            await asyncio.sleep(chance.uniform(0, 0.006))
            if looking.done() and (lease := looking.result()) is not None:
                await store.release(lease)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
    async with database.store() as store:
        assert (await leased(store)).job.id == a_job(0).id


async def test_a_write_that_fails_leaves_nothing_and_a_working_store(database: JobDatabase) -> None:
    async with database.store() as store:
        first, _ = await store.submit(a_job(1))
        with pytest.raises(Exception, match=r"(?i)unique"):
            await store.submit(a_job(1, "ben"))
        assert await store.jobs(Viewer("ben")) == ()
        assert await store.job(Viewer("ana"), first.id) == first
        await store.end(await leased(store), JobStatus.COMPLETE)


async def test_a_database_on_a_full_disk_is_away_and_whole_again_when_there_is_room(tmp_path: Path) -> None:
    with full_disk(tmp_path) as disk:
        database = JobDatabase(f"sqlite:///{tmp_path}/blobs/jobs.db")
        async with database.store() as store:
            await store.submit(a_job(0))
            lease = await leased(store)
            disk.break_()
            accepted = [a_job(0).id]
            with suppress(StoreUnavailable):
                for number in range(1, 10_000):  # as many as the room allows that the database has already
                    accepted.append((await store.submit(a_job(number)))[0].id)
            with pytest.raises(StoreUnavailable, match="is full: make room"):
                await store.submit(a_job(10_000))
            for work in (store.heartbeat(lease, LEASE_SECONDS, 0.5), store.add_image(lease, a_picture(0))):
                with pytest.raises(StoreUnavailable):
                    await work
            assert (await store.job(Viewer("ana"), lease.job.id)).images == ()
            disk.mend()
            await store.add_image(lease, a_picture(0))
            assert len((await store.job(Viewer("ana"), lease.job.id)).images) == 1
            assert {job.id for job in await store.jobs(Viewer("ana"), limit=20_000)} == set(accepted)
        with sqlite3.connect(tmp_path / "blobs/jobs.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


@pytest.mark.postgres
async def test_connections_that_the_server_dropped_are_replaced(postgres: PostgresServer) -> None:
    database = JobDatabase(postgres.create_database())
    async with database.store() as store:
        job, _ = await store.submit(a_job(1))
        with psycopg.connect(database.url, autocommit=True) as connection:
            assert len(connection.execute(DROP_CONNECTIONS).fetchall()) > 0
        assert await store.job(Viewer("ana"), job.id) == job
        assert (await leased(store)).job.id == job.id

"""Opening the job store: the schema is made once, another one is refused, and refusals are plain and keep secrets."""

from __future__ import annotations

import asyncio
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from sqlalchemy import text

from configs.errors import ConfigError
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from router.storage.database import Database
from tests.contract.job_processes import work_until_done
from tests.contract.job_samples import JobDatabase, a_job
from tests.postgres import PostgresServer

pytestmark = pytest.mark.slow


@pytest.fixture
def database(empty_database: JobDatabase) -> JobDatabase:
    return empty_database


async def execute(database: JobDatabase, statement: str) -> None:
    """Run SQL on a database, whatever is in it."""
    raw = Database(database.url)
    await raw.write(lambda connection: connection.execute(text(statement)))
    await raw.close()


async def opening_fails(url: str) -> str:
    """The sentence with which opening is refused."""
    store = SqlJobStore(url)
    with pytest.raises(ConfigError) as refusal:
        await store.open()
    await store.close()
    return str(refusal.value)


async def test_many_may_open_an_empty_database_at_once(database: JobDatabase) -> None:
    stores = [SqlJobStore(database.url) for _ in range(6)]
    await asyncio.gather(*(store.open() for store in stores))
    await stores[0].submit(a_job(1))
    assert [len(await store.jobs(Viewer("ana"))) for store in stores] == [1] * 6
    await asyncio.gather(*(store.close() for store in stores))


def test_many_processes_may_open_an_empty_database_at_once(database: JobDatabase, processes: ForkServerContext) -> None:
    ends = [processes.Pipe(duplex=False) for _ in range(4)]
    workers = [processes.Process(target=work_until_done, args=(database.url, writer)) for _, writer in ends]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4


async def test_the_first_writes_to_a_new_database_wait_for_each_other(tmp_path: Path) -> None:
    """Twenty new files: two stores write to each for the first time at the same moment."""
    for number in range(20):
        database = JobDatabase(f"sqlite:///{tmp_path}/{number}.db")
        async with database.store() as one, database.store() as other:
            await asyncio.gather(one.submit(a_job(1)), other.submit(a_job(2)), one.submit(a_job(3)))
            assert len(await other.jobs(Viewer("ana"))) == 3


async def test_tables_of_somebody_else_are_refused_and_kept(database: JobDatabase) -> None:
    await execute(database, "CREATE TABLE jobs (title TEXT)")
    assert "tables named jobs" in await opening_fails(database.url)
    await execute(database, "INSERT INTO jobs (title) VALUES ('carpenter')")


@pytest.mark.postgres
async def test_an_unreachable_server_is_named_without_its_password(postgres: PostgresServer) -> None:
    missing = postgres.url("missing").replace("atelier@", "atelier:hunter2@")
    nobody = "postgresql://atelier:hunter2@127.0.0.1:1/atelier"
    for url, name in ((missing, "missing at 127.0.0.1"), (nobody, "atelier at 127.0.0.1:1")):
        sentence = await opening_fails(url)
        assert name in sentence
        assert "hunter2" not in sentence
        assert "\n" not in sentence

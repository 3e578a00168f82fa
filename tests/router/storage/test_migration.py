"""Every schema that ever landed comes to today's with all that is in it, under a lock, or stays exactly as it was."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, text

from configs.errors import ConfigError
from router.assets.search.tables import ENGINES_OWN
from router.jobs.model import JobStatus
from router.people.viewer import Viewer
from router.storage.database import Database, preparing
from router.storage.migration import NEWEST
from router.storage.schema import metadata
from tests.contract.job_processes import work_until_done
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased
from tests.router.storage.old_schemas import SCHEMAS, restore

pytestmark = pytest.mark.slow


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    parsed = make_url(url)
    driver = "sqlite+pysqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg"
    with preparing(parsed.set(drivername=driver)) as engine, engine.begin() as connection:
        yield connection


def copies(database: JobDatabase) -> list[str]:
    """The copies that lie beside a SQLite file."""
    file = Path(database.url.removeprefix("sqlite:///"))
    return sorted(other.name for other in file.parent.glob(f"{file.name}.before-*-from-????"))


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_every_schema_that_ever_landed_keeps_all_it_has(database: JobDatabase, schema: str) -> None:
    restore(schema, database.url)
    async with database.store() as store:
        complete = await store.job(Viewer("ana"), a_job(1).id)
        assert (complete.status, complete.space, complete.kind) == (JobStatus.COMPLETE, "home", "generate")
        assert [image.seed for image in complete.images] == [2**32 - 1 - index for index in range(4)]
        assert [[file.format for file in image.files] for image in complete.images] == [["png", "webp"]] * 4
        assert complete.images[2].files[1].sha256 == "21" * 32
        assert complete.plan == a_job(1).plan
        failed = (await store.job(Viewer("ben"), a_job(2).id)).failure
        assert failed is not None
        assert failed.message == "the model was lost"
        assert (await store.job(Viewer("ben"), a_job(3).id)).status is JobStatus.CANCELED
        assert len(await store.events(Viewer("ana"), a_job(1).id)) == 7
        waiting = {one.deployment: (one.jobs, one.seconds) for one in await store.waiting()}
        assert waiting == {"generator-mini": (2, 8.0)}
        if schema >= "2":
            assert [one.id for one in await store.pictures(Viewer("ana"))] == ["pic_1"]
            assert (await store.picture(Viewer("ben"), "pic_2")).sha256 == "ab" * 32


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_work_goes_on_where_an_older_release_left_it(database: JobDatabase, schema: str) -> None:
    restore(schema, database.url)
    async with database.store() as store:
        database.clock.advance(60)
        done = set()
        while (lease := await store.lease("worker-9", 30)) is not None:
            for index in range(len(lease.job.images), 4):
                await store.add_image(lease, a_picture(index))
            await store.end(lease, JobStatus.COMPLETE)
            done.add(lease.job.id)
        assert done == {a_job(number).id for number in (4, 5, 6)}
        half = await store.job(Viewer("ana"), a_job(4).id)
        assert [image.index for image in half.images] == [0, 1, 2, 3]


@pytest.mark.parametrize("schema", [*SCHEMAS, "none"])
def test_the_steps_lead_to_the_tables_that_the_code_names(database: JobDatabase, schema: str) -> None:
    if schema != "none":
        restore(schema, database.url)
    asyncio.run(_open(database.url))
    with connected(database.url) as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": _is_common}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def _is_common(object: Any, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    """Not an engine's own index of words, with its tables."""
    whole = f"{object.table.name}.{name}" if kind == "column" else str(name)
    return not whole.startswith(ENGINES_OWN)


async def _open(url: str, patience_seconds: float = 10.0) -> None:
    database = Database(url, patience_seconds)
    try:
        await database.open()
    finally:
        await database.close()


def test_a_sqlite_file_is_copied_before_it_is_changed(sqlite_database: JobDatabase) -> None:
    restore("4", sqlite_database.url)
    asyncio.run(_open(sqlite_database.url))
    (copy,) = copies(sqlite_database)
    file = Path(sqlite_database.url.removeprefix("sqlite:///")).parent / copy
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM images").fetchone() == (5,)
        assert connection.execute("SELECT version FROM schema_version").fetchone() == (4,)
    asyncio.run(_open(sqlite_database.url))
    assert copies(sqlite_database) == [copy], "nothing is copied where nothing changes"


def test_many_processes_that_start_at_once_change_an_old_schema_once(
    database: JobDatabase, processes: ForkServerContext
) -> None:
    restore("3", database.url)
    ends = [processes.Pipe(duplex=False) for _ in range(4)]
    workers = [processes.Process(target=work_until_done, args=(database.url, writer)) for _, writer in ends]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    asyncio.run(_all_complete(database))


async def _all_complete(database: JobDatabase) -> None:
    async with database.store() as store:
        for owner, number in (("ana", 5), ("eve", 6)):
            assert (await store.job(Viewer(owner), a_job(number).id)).status is JobStatus.COMPLETE


_KILLED_WITHIN = """
import asyncio, os, signal, sys
from router.storage import migration
from router.storage.database import Database
def killed(connection): os.kill(os.getpid(), signal.SIGKILL)
migration._check_references = killed
asyncio.run(Database(sys.argv[1]).open())
"""


def test_a_change_that_is_killed_before_its_end_has_not_happened(database: JobDatabase) -> None:
    restore("4", database.url)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", _KILLED_WITHIN, database.url], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    with connected(database.url) as connection:
        assert connection.execute(text("SELECT version FROM schema_version")).scalar_one() == 4
        assert connection.execute(text("SELECT count(*) FROM images")).scalar_one() == 5
    asyncio.run(_open(database.url))
    with connected(database.url) as connection:
        assert connection.execute(text("SELECT count(*) FROM assets WHERE kind = 'drawn'")).scalar_one() == 5


async def _refused(url: str, patience_seconds: float = 10.0) -> str:
    with pytest.raises(ConfigError) as refusal:
        await _open(url, patience_seconds)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


async def test_a_schema_of_the_future_is_refused_in_a_sentence_and_kept(database: JobDatabase) -> None:
    await _open(database.url)
    with connected(database.url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
        connection.execute(text("UPDATE schema_compatibility SET oldest_reader = '0098'"))
    sentence = await _refused(database.url)
    assert "schema 0099" in sentence
    assert NEWEST in sentence
    with connected(database.url) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0099"


async def test_a_schema_one_step_ahead_that_says_so_is_worked_on(database: JobDatabase) -> None:
    """Of a rolling update: the newer release has changed the schema, this one still runs, or starts again."""
    async with database.store() as store:
        await store.submit(a_job(1))
        with connected(database.url) as connection:
            connection.execute(text("ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0"))
            connection.execute(text("CREATE TABLE later (id TEXT PRIMARY KEY)"))
            ahead = {"next": f"{int(NEWEST) + 1:04d}"}
            connection.execute(text("UPDATE alembic_version SET version_num = :next"), ahead)
        await store.submit(a_job(2))
    async with database.store() as restarted:
        await restarted.submit(a_job(3))
        for number in (1, 2, 3):
            lease = await leased(restarted)
            await restarted.add_image(lease, a_picture(0))
            await restarted.end(lease, JobStatus.COMPLETE)
            assert lease.job.id == a_job(number).id


@pytest.mark.parametrize("kind", ["cut", "other", "text"])
async def test_a_file_that_is_damaged_or_somebody_elses_is_refused_and_kept(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "jobs.db"
    restore("4", f"sqlite:///{file}")
    if kind == "cut":
        file.write_bytes(file.read_bytes()[: 4096 * 5 + 100])
    elif kind == "other":
        file.unlink()
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE assets (title TEXT)")
    else:
        file.write_text("remember the milk\n" * 500)
    before = file.read_bytes()
    await _refused(f"sqlite:///{file}")
    assert file.read_bytes() == before


async def test_a_file_that_another_program_holds_locked_is_waited_for_and_then_named(
    sqlite_database: JobDatabase,
) -> None:
    restore("4", sqlite_database.url)
    holder = sqlite3.connect(sqlite_database.url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert "locked" in await _refused(sqlite_database.url, 0.2)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    await _open(sqlite_database.url)

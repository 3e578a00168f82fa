"""What the conformance suites share: databases of each engine, and tests that are coroutines."""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.contract.job_samples import JobDatabase
from tests.postgres import PostgresServer, ReusedDatabase, running_postgres


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine function in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Starts processes in milliseconds: each is forked from one that has done the imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.contract.job_processes"])
    return context


@pytest.fixture(scope="session")
def schema_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of the newest schema with nothing in it, to copy."""
    file = tmp_path_factory.mktemp("schema") / "jobs.db"
    asyncio.run(_open(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def schema_database(postgres: PostgresServer) -> str:
    """The same on PostgreSQL, by its name."""
    url = postgres.create_database()
    asyncio.run(_open(url))
    return url.rpartition("/")[2]


async def _open(url: str) -> None:
    async with JobDatabase(url).store():
        pass


class SpareDatabases:
    """Databases of the newest schema that tests have given back."""

    def __init__(self, server: PostgresServer, like: str) -> None:
        self._server, self._like = server, like
        self._spare: list[ReusedDatabase] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of one with nothing in it."""
        database = self._spare.pop() if self._spare else ReusedDatabase(self._server, self._like)
        yield database.url
        if database.restore():
            self._spare.append(database)


@pytest.fixture(scope="session")
def spare_databases(postgres: PostgresServer, schema_database: str) -> SpareDatabases:
    return SpareDatabases(postgres, schema_database)


ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobDatabase]:
    """A new database on each engine. Its schema is a copy: going through all steps each time is a third of a second."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("schema_file"), tmp_path / "jobs.db")
        yield JobDatabase(f"sqlite:///{file}")
    else:
        spare: SpareDatabases = request.getfixturevalue("spare_databases")
        with spare.lent() as url:
            yield JobDatabase(url)


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobDatabase]:
    """A new database on each engine, which nobody has opened."""
    if request.param == "sqlite":
        yield JobDatabase(f"sqlite:///{tmp_path}/jobs.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database()
        yield JobDatabase(url)
        server.drop_database(url)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> JobDatabase:
    """The same on SQLite alone."""
    return JobDatabase(f"sqlite:///{tmp_path}/jobs.db")

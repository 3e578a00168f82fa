"""What the conformance suites share: databases of each engine, and tests that are coroutines."""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import shutil
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.contract.job_samples import JobDatabase
from tests.postgres import PostgresServer, running_postgres


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


ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> JobDatabase:
    """A new database on each engine. Its schema is a copy: going through all steps each time is a third of a second."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("schema_file"), tmp_path / "jobs.db")
        return JobDatabase(f"sqlite:///{file}")
    server: PostgresServer = request.getfixturevalue("postgres")
    return JobDatabase(server.create_database(like=request.getfixturevalue("schema_database")))


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> JobDatabase:
    """A new database on each engine, which nobody has opened."""
    if request.param == "sqlite":
        return JobDatabase(f"sqlite:///{tmp_path}/jobs.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return JobDatabase(server.create_database())


@pytest.fixture
def sqlite_database(tmp_path: Path) -> JobDatabase:
    """The same on SQLite alone."""
    return JobDatabase(f"sqlite:///{tmp_path}/jobs.db")

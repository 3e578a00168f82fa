"""What the conformance suites share: a database of each engine, and tests that are coroutines."""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> JobDatabase:
    """A new, empty database on each engine."""
    if request.param == "sqlite":
        return JobDatabase(f"sqlite:///{tmp_path}/jobs.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return JobDatabase(server.create_database())


@pytest.fixture
def sqlite_database(tmp_path: Path) -> JobDatabase:
    return JobDatabase(f"sqlite:///{tmp_path}/jobs.db")

"""A job database that is full, not writable or locked is said to be that; the end is noticed though nobody writes."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from configs.errors import StoreUnavailable
from configs.service import Limits
from router.api.app import create_app
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from tests.contract.job_samples import a_job
from tests.contract.test_job_faults import DROP_CONNECTIONS
from tests.file_places import full_disk
from tests.postgres import PostgresServer
from tests.studio import PaintedGenerator, painted_studio, serving

PATIENCE_SECONDS = 0.3


async def reason(store: SqlJobStore, number: int = 1) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        await store.submit(a_job(number))
    known = store.availability.outage
    assert known is not None
    assert known.reason == caught.value.message
    await store.jobs(Viewer("ana"))  # what can be read ends no outage of writing
    assert store.availability.outage is not None
    assert store.availability.outage.reason == known.reason
    return caught.value.message


async def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not in time")


async def test_a_lock_that_another_holds_is_named_and_its_end_is_noticed(tmp_path: Path) -> None:
    store = SqlJobStore(f"sqlite:///{tmp_path}/jobs.db", patience_seconds=PATIENCE_SECONDS)
    await store.open()
    watch = asyncio.create_task(store.watch())
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "is locked by another program: end what holds it" in await reason(store)
    await until(lambda: store.availability.outage is None)
    await store.submit(a_job(1))
    watch.cancel()
    await store.close()


@pytest.mark.postgres
async def test_a_server_that_takes_no_writes_is_named_and_its_end_is_noticed(postgres: PostgresServer) -> None:
    url = postgres.create_database()
    store = SqlJobStore(url)
    await store.open()
    watch = asyncio.create_task(store.watch())
    with psycopg.connect(url, autocommit=True) as other:
        (name,) = other.execute("SELECT quote_ident(current_database())").fetchone() or ("",)
        other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
        other.execute(DROP_CONNECTIONS)
        assert "takes no writes: let it, or name the server that does" in await reason(store)
        other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = off".encode())
        other.execute(DROP_CONNECTIONS)
    await until(lambda: store.availability.outage is None)
    watch.cancel()
    await store.close()


def test_a_full_disk_is_named_and_its_end_is_noticed(tmp_path: Path) -> None:
    words = "the disk of the job database is full: make room on it"
    with full_disk(tmp_path) as disk:
        database = f"sqlite:///{tmp_path}/blobs/jobs.db"
        limits = Limits(max_queued_jobs_per_owner=10**6)
        slow = PaintedGenerator(step_seconds=30)
        studio = painted_studio(tmp_path / "studio", slow, database_url=database, limits=limits)
        with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
            order = {"prompt": "a lamp"}
            disk.break_()
            while (answer := api.post("/generate", json=order)).status_code == 202:
                pass  # as many as the room allows that the database has already
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["error"]["message"] == f"{words}; jobs wait for it, try this again then"
            health = api.get("/readyz")
            assert (health.status_code, health.json()["status"], health.json()["detail"]) == (503, "waiting", words)
            disk.mend()
            deadline = time.monotonic() + 30
            while api.get("/readyz").status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.05)

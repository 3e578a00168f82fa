"""The database URLs that people write, SQLite files that cannot be opened, and queries that must use their index."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, Executable
from sqlalchemy.dialects import sqlite

from configs.errors import ConfigError
from router.batches import statements as batches
from router.jobs import statements, turns
from router.jobs.sql import SqlJobStore
from router.storage.database import Database


def opened(url: str) -> None:
    async def open_and_close() -> None:
        store = SqlJobStore(url)
        try:
            await store.open()
        finally:
            await store.close()

    asyncio.run(open_and_close())


@pytest.mark.parametrize(
    "url", ["", "jobs.db", "mysql://user:hunter2@host/db", "redis://host", "postgresql+asyncpg://h/d"]
)
def test_a_url_of_another_kind_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ConfigError, match="write sqlite:///path or postgresql://") as refusal:
        Database(url)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="outlive"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_understood(scheme: str) -> None:
    Database(f"{scheme}://atelier@db.example:5433/atelier")


def test_folders_of_a_new_file_are_made(tmp_path: Path) -> None:
    opened(f"sqlite:///{tmp_path}/state/deep/jobs.db")
    assert (tmp_path / "state/deep/jobs.db").exists()


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("remember the milk\n" * 500)
    with pytest.raises(ConfigError, match=r"notes\.txt: file is not a database"):
        opened(f"sqlite:///{file}")
    assert file.read_text() == "remember the milk\n" * 500


def test_a_place_that_cannot_hold_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Cannot open the job database"):
        opened(f"sqlite:///{tmp_path}/file/jobs.db")
    with pytest.raises(ConfigError, match="Cannot open the job database"):
        opened(f"sqlite:///{tmp_path}")


def test_writes_are_logged_ahead_and_references_checked(tmp_path: Path) -> None:
    async def settings() -> list[object]:
        database = Database(f"sqlite:///{tmp_path}/jobs.db")
        await database.open()
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")

        def read_all(connection: Connection) -> list[object]:
            return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

        found = await database.write(read_all)
        await database.close()
        return found

    assert asyncio.run(settings()) == ["wal", 2, 1, 10_000]


QUERIES: dict[str, tuple[Executable, str]] = {
    "owners by turn": (turns.OWNERS_BY_TURN["generate"], "jobs_unfinished jobs_processing jobs_turns"),
    "owners of trainings by turn": (turns.OWNERS_BY_TURN["train"], "jobs_unfinished jobs_processing jobs_turns"),
    "waiting": (turns.WAITING, "jobs_unfinished"),
    "claim": (turns.CLAIM["generate"], "jobs_unfinished"),
    "first page": (statements.FIRST_PAGE, "jobs_of_owner"),
    "next page": (statements.NEXT_PAGE, "jobs_of_owner"),
    "backlog": (statements.BACKLOG, "jobs_unfinished"),
    "jobs of a batch": (statements.PAGES[False, True], "jobs_of_batch"),
    "batch in order": (batches.JOBS, "jobs_of_batch"),
    "batch by status": (batches.SHARES, "jobs_of_batch"),
    "failures of a batch": (batches.FAILED, "jobs_of_batch"),
    "cancel of a batch": (batches.CANCEL_JOBS, "jobs_of_batch"),
}


@pytest.mark.parametrize(("query", "indexes"), QUERIES.values(), ids=QUERIES)
def test_a_long_history_slows_no_query_down(tmp_path: Path, query: Executable, indexes: str) -> None:
    opened(f"sqlite:///{tmp_path}/jobs.db")
    compiled = query.compile(dialect=sqlite.dialect(paramstyle="named"))  # type: ignore[attr-defined]
    with sqlite3.connect(tmp_path / "jobs.db") as connection:
        statement = re.sub(r"__\[POSTCOMPILE_(\w+)\]", r":\1", str(compiled))
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", dict.fromkeys(compiled.params, 1)).fetchall()
    connection.close()
    plan = "\n".join(row[3] for row in rows)
    assert set(indexes.split()) <= set(re.findall(r"jobs_\w+", plan))
    assert not re.search(r"SCAN (jobs|job)$", plan, re.MULTILINE), plan

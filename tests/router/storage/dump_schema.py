"""Writes `schemas/N.ENGINE.sql` for this release's schema N: `python -m tests.router.storage.dump_schema`.

Run it before adding a migration: what it writes is the newest dump before, brought to N by this release, with the rows
of `ADDED`, which fill what N has brought.
"""

from __future__ import annotations

import sqlite3
import subprocess
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from router.storage.migration import NEWEST, prepare
from tests.postgres import running_postgres
from tests.router.storage.old_schemas import FOLDER, SCHEMAS, restore

ADDED: tuple[str, ...] = ("UPDATE spaces SET files = '{}'",)
"""Statements that both engines understand."""

# The index of words is several tables, which making it makes; it is filled from `asset_search`.
_SHADOWS = ("CREATE TABLE 'asset_words_", 'INSERT INTO "asset_words', "PRAGMA writable_schema")
_BY_HAND = "INSERT INTO sqlite_master"  # how Python writes a virtual table, which is there for no statement after it
_REBUILD = "INSERT INTO asset_words (asset_words) VALUES ('rebuild');"
_NOISE = ("SET ", "SELECT pg_catalog", "--", "\\")


def main() -> None:
    before = max((one for one in SCHEMAS if one.isdigit() and int(one) < int(NEWEST)), key=int)
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        _write("sqlite", _sqlite(Path(folder) / "jobs.db", before))
        _write("postgresql", _postgres(server.url("postgres"), before))


def _sqlite(file: Path, before: str) -> str:
    _upgrade(before, f"sqlite:///{file}")
    connection = sqlite3.connect(file)
    connection.executescript(";".join(ADDED))
    (words,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'asset_words'").fetchone()
    dump = [
        f"{words};" if statement.startswith(_BY_HAND) else statement
        for statement in connection.iterdump()
        if not statement.startswith(_SHADOWS)
    ]
    return "\n".join((*dump, _REBUILD)) + "\n"


def _postgres(url: str, before: str) -> str:
    _upgrade(before, url)
    with psycopg.connect(url) as connection:
        for statement in ADDED:
            connection.execute(statement.encode())
    command = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", "--dbname", url]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in dump.splitlines() if line and not line.startswith(_NOISE)) + "\n"


def _upgrade(before: str, url: str) -> None:
    restore(before, url)
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    prepare(engine, url)
    engine.dispose()


def _write(engine: str, dump: str) -> None:
    (FOLDER / f"{int(NEWEST)}.{engine}.sql").write_text(dump)


if __name__ == "__main__":
    main()

"""Databases as releases before left them: each schema that ever landed, with the same jobs and pictures in it.

`schemas/N.ENGINE.sql` are dumps of databases that the code of that schema made and filled: a complete job of four
pictures, one that failed, one that was canceled, one with one picture of four, and two that wait; from schema 2 on
three uploads, of which two have one file, and from 4 on one that was deleted. Those of 5 and 6
are what its code made of the schema before; 6 has what a finished stage left of a picture that is not.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg

FOLDER = Path(__file__).parent / "schemas"
SCHEMAS = sorted({file.name.split(".")[0] for file in FOLDER.glob("*.sql")})


def restore(schema: str, url: str) -> None:
    """Fill the empty database at `url` with what a release of `schema` left."""
    engine = url.partition(":")[0]
    dump = (FOLDER / f"{schema}.{engine}.sql").read_text()
    if engine == "sqlite":
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(dump)
        connection.close()
        return
    with psycopg.connect(url) as server:
        server.execute(dump.encode())

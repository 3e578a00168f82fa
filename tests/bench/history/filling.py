"""The rows of many pictures into a database of each engine, in bulk: as they would be, had each been drawn; but that
their jobs are not there, which lists do not read."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import psycopg

from router.assets.search.counting import Counts, counts
from router.assets.search.entry import Entry
from router.assets.search.numbers import first_number
from router.jobs.documents import LICENCE
from tests.bench.history.pictures import make_entries

_PORTION = 20_000
_ASSETS = ("id", "owner", "space", "kind", "job_id", "idx", "seed", "width", "height", "licence", "notes", "created_at")
_FILES = ("asset_id", "rendition", "position", "media_type", "sha256", "size_bytes")
_SEARCH = (
    *("n", "asset_id", "owner", "space", "prompt", "asset_type", "quality", "model", "loras"),
    *("colours", "words", "terms", "facets"),
)
_COUNTS = ("owner", "day", "space", "facet", "pictures")
_FAVOURITES = ("principal", "asset_id", "created_at")
_INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'asset_search_vector'"
Rows = dict[str, list[tuple[Any, ...]]]


def fill_sqlite(file: str, count: int) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous=OFF")
    for rows in _portions(count):
        for table, values in rows.items():
            names = COLUMNS[table]
            marks = ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)
        connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def fill_postgres(url: str, count: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        (index,) = connection.execute(_INDEX).fetchone() or ("",)
        connection.execute("DROP INDEX asset_search_vector")  # it is made in a tenth of the time when all are there
        for rows in _portions(count):
            for table, values in rows.items():
                copy = f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN"
                with connection.cursor().copy(copy.encode()) as into:
                    for row in values:
                        into.write_row(row)
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        connection.execute(index.encode())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


COLUMNS = {
    "assets": _ASSETS,
    "files": _FILES,
    "asset_search": _SEARCH,
    "favourites": _FAVOURITES,
    "asset_counts": _COUNTS,
}


def _portions(count: int) -> Iterator[Rows]:
    entries, last = make_entries(count), 0
    counted: Counts = Counter()
    while portion := list(islice(entries, _PORTION)):
        rows: Rows = {table: [] for table in COLUMNS}
        for entry in portion:
            last = max(last + 1, first_number(entry.created_at))
            _add(rows, entry, last)
            counted.update(counts(entry.owner, entry.space, entry.day, entry.facets, 1))
        yield rows
    yield {"asset_counts": [(*key, pictures) for key, pictures in counted.items()]}


def _add(rows: Rows, entry: Entry, number: int) -> None:
    at = entry.created_at.replace(tzinfo=None).isoformat(" ", "microseconds")
    columns = {"n": number} | entry.columns()
    licence = None if entry.licence is None else LICENCE.write(entry.licence)
    job = None if entry.kind == "uploaded" else entry.asset_id.removeprefix("pic_")
    asset = (entry.asset_id, entry.owner, entry.space, entry.kind, job, None if job is None else 0, number & 0xFFFFFFFF)
    rows["assets"].append((*asset, 1024, 1024, licence, "[]", at))
    for position, format in enumerate(("png", "webp")):
        sha256 = f"{number:056x}{position:08x}"
        rows["files"].append((entry.asset_id, format, position, f"image/{format}", sha256, 100_000))
    rows["asset_search"].append(tuple(columns[name] for name in _SEARCH))
    rows["favourites"].extend((who, entry.asset_id, at) for who in entry.favourite_of)

"""The table beside `assets` that pictures are found in, and counts of it by day.

What finds words in it is each engine's own, made by the migration and kept up by the database itself: on SQLite the
FTS5 table `asset_words`, filled by triggers; on PostgreSQL the generated column `vector` with its GIN index.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Integer, Table, Text, literal_column

from router.storage.columns import Utc, metadata, name_text

LIVE: ColumnElement[Any] = literal_column("deleted_at IS NULL")
DELETED: ColumnElement[Any] = literal_column("deleted_at IS NOT NULL")
WHOLE: ColumnElement[Any] = literal_column("day = ''")
"""What is counted over all days."""

asset_search = Table(
    "asset_search",
    metadata,
    # Milliseconds since 1970 and 21 bits that tell pictures of one of them apart: the order of all lists, and the date.
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("asset_id", name_text(), ForeignKey("assets.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("owner", name_text(), nullable=False),
    Column("space", name_text(), nullable=False),
    Column("prompt", Text, nullable=False),
    Column("asset_type", Text, nullable=False),  # empty, as the two below, of an upload
    Column("quality", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("loras", Text, nullable=False),  # ids, with spaces between
    Column("colours", Text, nullable=False),  # #rrggbb, most of it first, with spaces between
    Column("words", Text, nullable=False),  # as `words.py` makes them, with spaces between
    Column("terms", Text, nullable=False),  # as `terms.py` makes them, with spaces between
    Column("facets", Text, nullable=False),  # what it is counted under, a line each
    Column("deleted_at", Utc),  # NULL: it is there; else it is found no more
)

Index("asset_search_newest", asset_search.c.owner, asset_search.c.n, sqlite_where=LIVE, postgresql_where=LIVE)
Index("asset_search_deleted", asset_search.c.owner, asset_search.c.n, sqlite_where=DELETED, postgresql_where=DELETED)

# Of pictures that are there, in all and by the day on which they were made. Counting a million of them takes seconds.
asset_counts = Table(
    "asset_counts",
    metadata,
    Column("owner", name_text(), primary_key=True),
    Column("day", name_text(), primary_key=True),  # 2026-11-30, in UTC; empty: all of them
    Column("space", name_text(), primary_key=True),
    Column("facet", name_text(), primary_key=True),  # a line of `facets`, or the month
    Column("pictures", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

Index(
    "asset_counts_whole",
    asset_counts.c.owner,
    asset_counts.c.space,
    asset_counts.c.facet,
    asset_counts.c.pictures,
    sqlite_where=WHOLE,
    postgresql_where=WHOLE,
)

ENGINES_OWN = ("asset_words", "asset_search.vector", "asset_search_vector")
"""Prefixes of what each engine has of its own, and the other has not: no part of the common schema."""

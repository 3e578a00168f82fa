"""The tables of pictures, drawn and uploaded: one row each, one row a file, and who descends from whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    literal_column,
)

from router.people.tables import IN_SPACE
from router.storage.columns import Utc, metadata, name_text

# As text, so that a planner sees that a query's condition is a partial index's.
THERE: ColumnElement[Any] = literal_column("assets.deleted_at IS NULL")
DELETED: ColumnElement[Any] = literal_column("deleted_at IS NOT NULL")
PASSING: ColumnElement[Any] = literal_column("kept_until IS NOT NULL AND deleted_at IS NULL")

# `JOB_ID/INDEX` names a drawn picture, too: (job_id, idx) is unique. A job's pictures go with their job.
assets = Table(
    "assets",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("owner", name_text(), nullable=False),
    Column("space", name_text(), nullable=False),
    Column("kind", Text, CheckConstraint("kind IN ('drawn', 'uploaded')", name="known_kind"), nullable=False),
    Column("job_id", name_text(), ForeignKey("jobs.id", ondelete="CASCADE")),
    Column("idx", Integer),
    Column("seq", Integer),  # of its job.image event
    Column("seed", BigInteger),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("licence", Text),  # a document; NULL: nobody has judged it
    Column("notes", Text),  # a document
    Column("seconds", Text),  # a document
    Column("scores", Text),  # a document; NULL: nothing was measured
    Column("created_at", Utc, nullable=False),
    Column("deleted_at", Utc),  # NULL: it is there. What was deleted can be had back for a while, and is swept then
    Column("kept_until", Utc),  # of the input of one call: it is deleted then, unless somebody wants it
)

Index("assets_of_owner", assets.c.owner, assets.c.kind, assets.c.id)
Index(
    "assets_of_space",
    assets.c.space,
    assets.c.kind,
    assets.c.id,
    sqlite_where=IN_SPACE,
    postgresql_where=IN_SPACE,
)
Index("assets_of_job", assets.c.job_id, assets.c.idx, unique=True)
Index("assets_kept_until", assets.c.kept_until, sqlite_where=PASSING, postgresql_where=PASSING)
Index("assets_deleted", assets.c.deleted_at, sqlite_where=DELETED, postgresql_where=DELETED)

files = Table(
    "files",
    metadata,
    Column("asset_id", name_text(), ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("rendition", Text, primary_key=True),  # the file's format, such as png, and @WIDTHxHEIGHT for a further size
    Column("position", Integer, nullable=False),  # as they were asked for
    Column("media_type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

Index("files_by_content", files.c.sha256)

# A parent that is deleted leaves the lines: what a picture was made from stays known.
asset_parents = Table(
    "asset_parents",
    metadata,
    Column("asset_id", name_text(), ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("parent_id", name_text(), nullable=False),
    Column("role", Text, nullable=False),
)

Index("asset_children", asset_parents.c.parent_id)

# Files that no picture may name any more, or not yet: whoever sweeps looks at them after a while.
loose_files = Table(
    "loose_files",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("since", Utc, nullable=False),
)

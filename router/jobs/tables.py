"""The tables that hold jobs, the same on SQLite and PostgreSQL. JSON is kept as text: only its owner parses it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    literal_column,
)

from router.jobs.model import JobStatus

SCHEMA_VERSION = 4
"""Grows by one with every change of a table."""


class Utc(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps it without its zone, as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _name() -> Text:
    """Text that compares byte by byte on both engines, so that ids sort alike whatever the server's locale."""
    return Text().with_variant(Text(collation="C"), "postgresql")


def _one_of(statuses: tuple[JobStatus, ...]) -> str:
    return "status IN (" + ", ".join(f"'{status}'" for status in statuses) + ")"


# Written out rather than bound: a planner uses a partial index only if it can see that the conditions agree.
# Without a type, because SQLite would be asked for `… = 1` of a boolean, which is another condition.
UNFINISHED: ColumnElement[Any] = literal_column(_one_of(tuple(status for status in JobStatus if not status.ended)))
PROCESSING: ColumnElement[Any] = literal_column("status = 'processing'")

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

jobs = Table(
    "jobs",
    metadata,
    Column("id", _name(), primary_key=True),
    Column("owner", _name(), nullable=False),
    Column("status", Text, CheckConstraint(_one_of(tuple(JobStatus)), name="known_status"), nullable=False),
    Column("request", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column(
        "progress",
        Double,
        CheckConstraint("progress BETWEEN 0 AND 1", name="share"),
        nullable=False,
        default=0.0,
    ),
    Column("estimated_seconds", Double, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("failure", Text),
    Column("last_seq", Integer, nullable=False, default=0),  # of job_events: taken under this row's lock, so gapless
    Column("lease_worker", Text),
    Column("lease_token", Integer, nullable=False, default=0),
    Column("lease_until", Utc),  # NULL: nobody works on it
    Column("leased_at", Utc),  # the last lease, for turns between owners
    Column("created_at", Utc, nullable=False),
    Column("started_at", Utc),
    Column("ended_at", Utc),
)

Index("jobs_of_owner", jobs.c.owner, jobs.c.id)
Index("jobs_turns", jobs.c.owner, jobs.c.leased_at)
# It holds all that its queries read, so SQLite prefers it whatever order the indexes were made in.
Index(
    "jobs_unfinished",
    jobs.c.owner,
    jobs.c.id,
    jobs.c.status,
    jobs.c.lease_until,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)
Index("jobs_processing", jobs.c.owner, jobs.c.lease_until, sqlite_where=PROCESSING, postgresql_where=PROCESSING)

# What drawing a job takes, written beside it so that the database can sum it up without reading plans.
drawings = Table(
    "drawings",
    metadata,
    Column("job_id", _name(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("deployment", Text, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("seconds", Double, nullable=False),  # of all its pictures, predicted
    sqlite_with_rowid=False,
)

images = Table(
    "images",
    metadata,
    Column("job_id", _name(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),  # of its job.image event
    Column("seed", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("files", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("seconds", Text, nullable=False),
)

job_events = Table(
    "job_events",
    metadata,
    Column("job_id", _name(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# Checked at commit: a key is claimed before its job is inserted, so that a replay has nothing to undo.
_JOB_AT_COMMIT = ForeignKey("jobs.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", _name(), primary_key=True),
    Column("key", _name(), primary_key=True),
    Column("body_sha256", Text, nullable=False),
    Column("job_id", _name(), _JOB_AT_COMMIT, nullable=False),
    Column("created_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

pictures = Table(
    "pictures",
    metadata,
    Column("id", _name(), primary_key=True),
    Column("owner", _name(), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
)

Index("pictures_of_owner", pictures.c.owner, pictures.c.id)
Index("pictures_by_file", pictures.c.sha256)

# Files that no picture may name any more, or not yet: whoever sweeps looks at them after a while.
loose_files = Table(
    "loose_files",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("since", Utc, nullable=False),
)

ADDED: dict[int, tuple[Table, ...]] = {2: (pictures,), 3: (drawings,), 4: (loose_files,)}
"""The tables that came with a version: a database of the version before gets them when opened (`upgrades.py`)."""

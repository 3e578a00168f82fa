"""The tables that hold jobs, the same on SQLite and PostgreSQL. JSON is kept as text: only its owner parses it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    and_,
    literal_column,
    text,
)

from router.jobs.model import HELD_BACK, JobStatus
from router.people.tables import IN_SPACE
from router.storage.columns import Utc, metadata, name_text


def _one_of(statuses: tuple[JobStatus, ...]) -> str:
    return "status IN (" + ", ".join(f"'{status}'" for status in statuses) + ")"


# Written out rather than bound: a planner uses a partial index only if it can see that the conditions agree.
# Without a type, because SQLite would be asked for `… = 1` of a boolean, which is another condition.
UNFINISHED: ColumnElement[Any] = literal_column(_one_of(tuple(status for status in JobStatus if not status.ended)))
PROCESSING: ColumnElement[Any] = literal_column("status = 'processing'")
IN_BATCH: ColumnElement[Any] = literal_column("batch <> ''")


def held_back(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    """Of an owner who lets all others go first, as a range of the index by owner."""
    end = HELD_BACK[:-1] + chr(ord(HELD_BACK[-1]) + 1)
    return and_(owner >= literal_column(f"'{HELD_BACK}'"), owner < literal_column(f"'{end}'"))


jobs = Table(
    "jobs",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("owner", name_text(), nullable=False),
    Column("space", name_text(), nullable=False, server_default="home"),
    Column("kind", Text, nullable=False, server_default="generate"),
    Column("status", Text, CheckConstraint(_one_of(tuple(JobStatus)), name="known_status"), nullable=False),
    Column("request", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("plan_version", Integer, nullable=False, server_default="1"),  # whoever reads older ones only passes it by
    Column("licence", Text, nullable=False),
    Column(
        "progress",
        Double,
        CheckConstraint("progress BETWEEN 0 AND 1", name="share"),
        nullable=False,
    ),
    Column("estimated_seconds", Double, nullable=False),
    # What drawing it takes, so that the database can sum it up without reading plans.
    Column("deployment", Text, nullable=False, server_default=text("''")),
    Column("pictures", Integer, nullable=False, server_default="0"),
    Column("drawing_seconds", Double, nullable=False, server_default="0"),  # of all its pictures, predicted
    Column("attempt", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("failure", Text),
    Column("last_seq", Integer, nullable=False),  # of job_events: taken under this row's lock, so gapless
    Column("lease_worker", Text),
    Column("lease_token", Integer, nullable=False),
    Column("lease_until", Utc),  # NULL: nobody works on it
    Column("leased_at", Utc),  # the last lease, for turns between owners
    Column("created_at", Utc, nullable=False),
    Column("started_at", Utc),
    Column("ended_at", Utc),
    # Empty rather than NULL for a job of its own, which sorts before all ids on both engines: it goes first.
    Column("batch", name_text(), nullable=False, server_default=text("''")),
    Column("line", Integer, nullable=False, server_default="0"),  # of the batch's list or file, from 1
)

Index("jobs_of_owner", jobs.c.owner, jobs.c.id)
Index("jobs_of_space", jobs.c.space, jobs.c.id, sqlite_where=IN_SPACE, postgresql_where=IN_SPACE)
Index("jobs_turns", jobs.c.owner, jobs.c.leased_at)
# By turn. It holds all that its queries read, so SQLite prefers it whatever order the indexes were made in.
Index(
    "jobs_unfinished",
    jobs.c.owner,
    jobs.c.batch,
    jobs.c.id,
    jobs.c.status,
    jobs.c.lease_until,
    jobs.c.plan_version,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)
# How far a batch is, is read from this alone: a job's row has its plan in it.
Index(
    "jobs_of_batch",
    jobs.c.batch,
    jobs.c.id,
    jobs.c.status,
    jobs.c.progress,
    jobs.c.estimated_seconds,
    jobs.c.pictures,
    sqlite_where=IN_BATCH,
    postgresql_where=IN_BATCH,
)
Index("jobs_processing", jobs.c.owner, jobs.c.lease_until, sqlite_where=PROCESSING, postgresql_where=PROCESSING)

job_events = Table(
    "job_events",
    metadata,
    Column("job_id", name_text(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("at", Utc, nullable=False),
    # Which of all that the owner's jobs have told; NULL: of nobody's, or from before there were such numbers.
    Column("owner", name_text()),
    Column("number", Integer),
    sqlite_with_rowid=False,
)

_OF_SOMEBODY: ColumnElement[Any] = literal_column("owner IS NOT NULL")
Index(
    "events_of_owner",
    job_events.c.owner,
    job_events.c.number,
    unique=True,
    sqlite_where=_OF_SOMEBODY,
    postgresql_where=_OF_SOMEBODY,
)

# How much the jobs of an owner have told: the row is locked until what takes a number is committed.
event_streams = Table(
    "event_streams",
    metadata,
    Column("owner", name_text(), primary_key=True),
    Column("last", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Checked at commit: a key is claimed before its job is inserted, so that a replay has nothing to undo.
_JOB_AT_COMMIT = ForeignKey("jobs.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", name_text(), primary_key=True),
    Column("key", name_text(), primary_key=True),
    Column("body_sha256", Text, nullable=False),
    Column("job_id", name_text(), _JOB_AT_COMMIT, nullable=False),
    Column("created_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# What a job goes on from. The job before may be gone: that there was one stays known.
job_origins = Table(
    "job_origins",
    metadata,
    Column("job_id", name_text(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("call", Text, nullable=False),
    Column("parent_id", name_text(), nullable=False),
    Column("parent_asset", name_text()),  # NULL: the job as a whole
    Column("parent_index", Integer),
    sqlite_with_rowid=False,
)

Index("job_descendants", job_origins.c.parent_id)

# What pictures were after a stage that is finished, until their job ends: whoever leases it goes on from there.
stage_outputs = Table(
    "stage_outputs",
    metadata,
    Column("job_id", name_text(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),  # of the stage in the plan
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("seconds", Text, nullable=False),  # a document
    Column("notes", Text, nullable=False),  # a document
    Column("weights", Text, nullable=False),
    Column("scores", Text),  # a document; NULL: nothing was measured
    Column("environment", Text),  # a document; NULL: nobody knows
    sqlite_with_rowid=False,
)

Index("outputs_by_content", stage_outputs.c.sha256)

# Moving averages of the seconds of each kind of work, so that estimates are good from the first job after a restart.
rates = Table(
    "rates",
    metadata,
    Column("work", name_text(), primary_key=True),
    Column("seconds", Double, nullable=False),
    Column("measured_at", Utc, nullable=False),
)

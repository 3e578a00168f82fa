"""Jobs, their pictures, their logs, and idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
oldest_reader = "0001"

_UNFINISHED = sa.text("status IN ('queued', 'processing')")
_PROCESSING = sa.text("status = 'processing'")
_STATUSES = "status IN ('queued', 'processing', 'complete', 'failed', 'canceled')"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("status", sa.Text, sa.CheckConstraint(_STATUSES, name="known_status"), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("progress", sa.Double, sa.CheckConstraint("progress BETWEEN 0 AND 1", name="share"), nullable=False),
        sa.Column("estimated_seconds", sa.Double, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("lease_worker", sa.Text),
        sa.Column("lease_token", sa.Integer, nullable=False),
        sa.Column("lease_until", Utc),
        sa.Column("leased_at", Utc),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("started_at", Utc),
        sa.Column("ended_at", Utc),
    )
    op.create_index("jobs_of_owner", "jobs", ["owner", "id"])
    op.create_index("jobs_turns", "jobs", ["owner", "leased_at"])
    _create_partial_index("jobs_unfinished", ["owner", "id", "status", "lease_until"], _UNFINISHED)
    _create_partial_index("jobs_processing", ["owner", "lease_until"], _PROCESSING)
    _create_what_belongs_to_jobs()


def _create_partial_index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "jobs", columns, sqlite_where=where, postgresql_where=where)


def _create_what_belongs_to_jobs() -> None:
    op.create_table(
        "images",
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("seconds", sa.Text, nullable=False),
    )
    op.create_table(
        "job_events",
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    at_commit = sa.ForeignKey("jobs.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    op.create_table(
        "idempotency",
        sa.Column("owner", name_text(), primary_key=True),
        sa.Column("key", name_text(), primary_key=True),
        sa.Column("body_sha256", sa.Text, nullable=False),
        sa.Column("job_id", name_text(), at_commit, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )

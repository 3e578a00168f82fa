"""Batches: many jobs that were asked for in one call; what of them is whose turn, and how far each is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
oldest_reader = "0005"

_UNFINISHED = sa.text("status IN ('queued', 'processing')")
_IN_BATCH = sa.text("batch <> ''")


def upgrade() -> None:
    _create_batches()
    op.add_column("jobs", sa.Column("batch", name_text(), nullable=False, server_default=sa.text("''")))
    op.add_column("jobs", sa.Column("line", sa.Integer, nullable=False, server_default="0"))
    _index_jobs()


def _create_batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("space", name_text(), nullable=False, server_default="home"),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("jobs", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Text, nullable=False),
        sa.Column("lines_skipped", sa.Integer, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("idempotency_key", name_text()),
        sa.Column("body_sha256", sa.Text),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.create_index("batches_of_owner", "batches", ["owner", "id"])
    op.create_index("batches_by_key", "batches", ["owner", "idempotency_key"], unique=True)


def _index_jobs() -> None:
    op.drop_index("jobs_unfinished", "jobs")
    op.create_index(
        "jobs_unfinished",
        "jobs",
        ["owner", "batch", "id", "status", "lease_until", "plan_version"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_index(
        "jobs_of_batch",
        "jobs",
        ["batch", "id", "status", "progress", "estimated_seconds", "pictures"],
        sqlite_where=_IN_BATCH,
        postgresql_where=_IN_BATCH,
    )

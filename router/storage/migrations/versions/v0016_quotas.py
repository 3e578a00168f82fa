"""Quotas: what operators set, how much was taken on each day, and what unfinished jobs hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    op.create_table(
        "quotas",
        sa.Column("subject", name_text(), primary_key=True),
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("limits", sa.Text, nullable=False),
        sa.Column("set_by", name_text(), nullable=False),
        sa.Column("set_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quota_use",
        sa.Column("subject", name_text(), primary_key=True),
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("day", name_text(), primary_key=True),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.Column("device_seconds", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quota_charges",
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("subject", name_text(), primary_key=True),
        sa.Column("id", name_text(), nullable=False),
        sa.Column("day", name_text(), nullable=False),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.Column("device_seconds", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("charges_in_flight", "quota_charges", ["subject", "id"])

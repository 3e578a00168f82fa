"""What pictures were after a finished stage, kept until their job ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import name_text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    op.create_table(
        "stage_outputs",
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("seconds", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("weights", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("outputs_by_content", "stage_outputs", ["sha256"])

"""What drawing a job takes, beside the job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import name_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
oldest_reader = "0002"


def upgrade() -> None:
    op.create_table(
        "drawings",
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("deployment", sa.Text, nullable=False),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )

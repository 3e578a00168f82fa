"""Origins: what a job goes on from, so that its lineage is known before it has a picture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import name_text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    op.create_table(
        "job_origins",
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("parent_id", name_text(), nullable=False),
        sa.Column("parent_asset", name_text()),
        sa.Column("parent_index", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_index("job_descendants", "job_origins", ["parent_id"])

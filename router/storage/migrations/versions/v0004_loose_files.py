"""Files that nothing may name any more, to be swept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
oldest_reader = "0003"


def upgrade() -> None:
    op.create_table(
        "loose_files",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("since", Utc, nullable=False),
    )
    op.execute("CREATE INDEX IF NOT EXISTS pictures_by_file ON pictures (sha256)")

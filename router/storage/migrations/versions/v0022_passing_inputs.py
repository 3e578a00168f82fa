"""Until when a picture is kept that came with a single call, as those of edits do by OpenAI's API."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    """Pictures that are there stay."""
    op.add_column("assets", sa.Column("kept_until", Utc))
    passing = sa.text("kept_until IS NOT NULL AND deleted_at IS NULL")
    op.create_index("assets_kept_until", "assets", ["kept_until"], sqlite_where=passing, postgresql_where=passing)

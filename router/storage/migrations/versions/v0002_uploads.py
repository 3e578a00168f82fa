"""Pictures that users bring."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
oldest_reader = "0001"


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.create_index("pictures_of_owner", "pictures", ["owner", "id"])

"""Spaces: how their files are written, and for how long their pictures are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    op.add_column("spaces", sa.Column("files", sa.Text, nullable=False, server_default=sa.text("'{}'")))

"""Scores: what stages measure of a picture, kept with it, and with what a finished stage has left of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    for table in ("assets", "stage_outputs"):
        op.add_column(table, sa.Column("scores", sa.Text))

"""What a kept picture was drawn in, so that its recipe says it after a crash, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    op.add_column("stage_outputs", sa.Column("environment", sa.Text))

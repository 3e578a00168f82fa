"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
oldest_reader = ${repr(down_revision)}
"""The oldest release whose code works on this schema, by its newest step."""


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}

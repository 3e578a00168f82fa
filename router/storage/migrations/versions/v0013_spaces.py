"""Spaces: what is drawn with in each, and when one was archived; whose they are, by who is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
oldest_reader = "0005"

_IN_SPACE = sa.text("space <> 'home'")


def upgrade() -> None:
    op.add_column("spaces", sa.Column("defaults", sa.Text, nullable=False, server_default=sa.text("'{}'")))
    op.add_column("spaces", sa.Column("archived_at", Utc))
    _index("jobs", "space", "id")
    _index("batches", "space", "id")
    _index("assets", "space", "kind", "id")


def _index(table: str, *columns: str) -> None:
    name = f"{table}_of_space"
    op.create_index(name, table, list(columns), sqlite_where=_IN_SPACE, postgresql_where=_IN_SPACE)

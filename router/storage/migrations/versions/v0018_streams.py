"""Which of all that an owner's jobs have told each line of a log is, for one stream over all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import name_text

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    """Lines that are there have no number: who begins to follow begins with what comes."""
    op.create_table(
        "event_streams",
        sa.Column("owner", name_text(), primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("job_events", sa.Column("owner", name_text()))
    op.add_column("job_events", sa.Column("number", sa.Integer))
    somebody = sa.text("owner IS NOT NULL")
    op.create_index(
        "events_of_owner",
        "job_events",
        ["owner", "number"],
        unique=True,
        sqlite_where=somebody,
        postgresql_where=somebody,
    )

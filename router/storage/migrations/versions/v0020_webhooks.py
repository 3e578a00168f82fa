"""Webhooks: whom to tell what jobs do, what they are to be told, and each attempt to tell it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    _create_webhooks()
    _create_deliveries()
    op.create_table(
        "webhook_attempts",
        sa.Column("webhook", name_text(), primary_key=True),
        sa.Column("delivery", name_text(), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook", "delivery"], ["webhook_deliveries.webhook", "webhook_deliveries.id"], ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("space", name_text(), nullable=False),
        sa.Column(
            "scope", sa.Text, sa.CheckConstraint("scope IN ('own', 'space')", name="known_scope"), nullable=False
        ),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("include", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("old_secret", sa.Text),
        sa.Column("old_secret_until", Utc),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("disabled_at", Utc),
        sa.Column("disabled_reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("failing_since", Utc),
        sa.Column("paused_until", Utc),
    )
    op.create_index("webhooks_of_owner", "webhooks", ["owner", "id"])


def _create_deliveries() -> None:
    states = "state IN ('waiting', 'pending', 'delivered', 'failed')"
    op.create_table(
        "webhook_deliveries",
        sa.Column("webhook", name_text(), sa.ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", name_text(), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("state", sa.Text, sa.CheckConstraint(states, name="known_state"), nullable=False),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("lease_until", Utc),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sqlite_with_rowid=False,
    )
    pending, waiting = sa.text("state = 'pending'"), sa.text("state = 'waiting'")
    op.create_index(
        "deliveries_pending",
        "webhook_deliveries",
        ["webhook", "due_at", "lease_until"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_index(
        "deliveries_waiting", "webhook_deliveries", ["subject"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index("deliveries_by_time", "webhook_deliveries", ["at"])

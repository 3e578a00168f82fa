"""The tables of webhooks, of what they are to be told, and of each attempt to tell it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    literal_column,
    text,
)

from router.storage.columns import Utc, metadata, name_text

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("owner", name_text(), nullable=False),
    Column("space", name_text(), nullable=False),
    Column("scope", Text, CheckConstraint("scope IN ('own', 'space')", name="known_scope"), nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("events", Text, nullable=False),  # names, with blanks between
    Column("include", Text, nullable=False),
    Column("secret", Text, nullable=False),  # signing needs it; no answer has it but the one that made it
    Column("old_secret", Text),
    Column("old_secret_until", Utc),
    Column("created_at", Utc, nullable=False),
    Column("disabled_at", Utc),
    Column("disabled_reason", Text, nullable=False, server_default=text("''")),
    Column("failing_since", Utc),  # NULL: the last attempt was a success, or there was none
    Column("paused_until", Utc),  # it asked for that
)
Index("webhooks_of_owner", webhooks.c.owner, webhooks.c.id)

# Written out rather than bound: a planner uses a partial index only if it can see that the conditions agree.
PENDING: ColumnElement[Any] = literal_column("state = 'pending'")
WAITING: ColumnElement[Any] = literal_column("state = 'waiting'")

# Made in the transaction that commits what is told. `waiting` is for the end of a batch, `pending` to be sent.
deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("webhook", name_text(), ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "id", name_text(), primary_key=True
    ),  # of the event: the same for all webhooks, and however often it is sent
    Column("type", Text, nullable=False),
    Column("subject", name_text(), nullable=False),  # a job, a batch or a webhook
    Column("data", Text, nullable=False),  # a document
    Column("at", Utc, nullable=False),
    Column(
        "state",
        Text,
        CheckConstraint("state IN ('waiting', 'pending', 'delivered', 'failed')", name="known_state"),
        nullable=False,
    ),
    Column("due_at", Utc, nullable=False),
    Column("lease_until", Utc),  # NULL: nobody is sending it
    Column("attempts", Integer, nullable=False, server_default="0"),  # ever begun: whoever holds the last one ends it
    Column("tries", Integer, nullable=False, server_default="0"),  # the same since it was made, or replayed
    sqlite_with_rowid=False,
)
Index(
    "deliveries_pending",
    deliveries.c.webhook,
    deliveries.c.due_at,
    deliveries.c.lease_until,
    sqlite_where=PENDING,
    postgresql_where=PENDING,
)
Index("deliveries_waiting", deliveries.c.subject, sqlite_where=WAITING, postgresql_where=WAITING)
Index("deliveries_by_time", deliveries.c.at)

attempts = Table(
    "webhook_attempts",
    metadata,
    Column("webhook", name_text(), primary_key=True),
    Column("delivery", name_text(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("status", Integer),  # NULL: there was no answer
    Column("error", Text, nullable=False),
    Column("answer", Text, nullable=False),  # how it begins
    ForeignKeyConstraint(
        ["webhook", "delivery"], ["webhook_deliveries.webhook", "webhook_deliveries.id"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,
)

"""The audit log. Triggers of the database itself refuse to change or remove a line (`audit_is_append_only`)."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from router.storage.columns import Utc, metadata, name_text

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("who", name_text(), nullable=False),
    Column("how", Text, nullable=False),
    Column("key", name_text()),
    Column("action", name_text(), nullable=False),
    Column("on_kind", name_text(), nullable=False),
    Column("on_id", name_text(), nullable=False),
    Column("told", Text, nullable=False),  # a document
    Column("request_id", Text, nullable=False),
)

Index("audit_by_who", audit.c.who, audit.c.seq)
Index("audit_by_action", audit.c.action, audit.c.seq)
Index("audit_by_object", audit.c.on_kind, audit.c.on_id, audit.c.seq)
Index("audit_by_time", audit.c.at)

# The last number: taken under this row's lock, which whoever writes a line holds until its change is committed.
audit_head = Table("audit_head", metadata, Column("seq", Integer, primary_key=True, autoincrement=False))

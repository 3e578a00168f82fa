"""The table of batches. Their jobs are in the table of jobs, which names the batch and the row of each."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from router.people.tables import IN_SPACE
from router.storage.columns import Utc, metadata, name_text

batches = Table(
    "batches",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("owner", name_text(), nullable=False),
    Column("space", name_text(), nullable=False, server_default="home"),
    Column("asked", Text, nullable=False),  # a document
    Column("lines", Integer, nullable=False),
    Column("jobs", Integer, nullable=False),
    Column("skipped", Text, nullable=False),  # a document: the first ones
    Column("lines_skipped", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("idempotency_key", name_text()),  # NULL: without one, or it was used anew a day later
    Column("body_sha256", Text),
    Column("created_at", Utc, nullable=False),
)

Index("batches_of_owner", batches.c.owner, batches.c.id)
Index("batches_of_space", batches.c.space, batches.c.id, sqlite_where=IN_SPACE, postgresql_where=IN_SPACE)
Index("batches_by_key", batches.c.owner, batches.c.idempotency_key, unique=True)

"""What operators have set, how much was taken on each day, and what jobs that have not ended hold of it."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, Table, Text

from router.storage.columns import Utc, metadata, name_text

quotas = Table(
    "quotas",
    metadata,
    Column("subject", name_text(), primary_key=True),
    Column("id", name_text(), primary_key=True),
    Column("limits", Text, nullable=False),  # a document
    Column("set_by", name_text(), nullable=False),
    Column("set_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

IS_LIMITED = "EXISTS (SELECT 1 FROM quotas)"
"""Whether operators have set anything for anybody: so that where they have not, no statement more is needed."""

# Whoever accepts a job counts it here first, and so holds the row until the job is there: two front doors take turns.
quota_use = Table(
    "quota_use",
    metadata,
    Column("subject", name_text(), primary_key=True),
    Column("id", name_text(), primary_key=True),
    Column("day", name_text(), primary_key=True),  # of UTC, as 2026-03-01
    Column("pictures", Integer, nullable=False),
    Column("device_seconds", Double, nullable=False),
    sqlite_with_rowid=False,
)

# What an unfinished job has been counted with; it goes when the job ends and is settled.
quota_charges = Table(
    "quota_charges",
    metadata,
    Column("job_id", name_text(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("subject", name_text(), primary_key=True),
    Column("id", name_text(), nullable=False),
    Column("day", name_text(), nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("device_seconds", Double, nullable=False),
    sqlite_with_rowid=False,
)

Index("charges_in_flight", quota_charges.c.subject, quota_charges.c.id)

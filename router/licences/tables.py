"""The tables of what lifts verdicts. Rows of the first two are never changed but to be revoked, and none is removed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from router.storage.columns import Utc, metadata, name_text

licence_grants = Table(
    "licence_grants",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("component", name_text()),  # NULL: any that is under the licence
    Column("licence", name_text()),  # NULL: any of the component
    Column("space", name_text()),  # NULL: all of them
    Column("purposes", Text, nullable=False),  # words between spaces
    Column("since", Utc, nullable=False),
    Column("until", Utc),
    Column("reference", Text, nullable=False),  # of the contract
    Column("recorded_by", name_text(), nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("revoked_by", name_text()),
    Column("revoked_at", Utc),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("principal", name_text(), nullable=False),
    Column("kind", Text, nullable=False),  # asset, job or batch
    Column("subject", name_text(), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("conditions", Text, nullable=False),  # as they were read, a line each
    Column("at", Utc, nullable=False),
)

Index("acknowledgements_of", acknowledgements.c.subject, acknowledgements.c.principal, acknowledgements.c.purpose)

# It outlives its upload: what was made of that is judged by what was last said.
upload_rights = Table(
    "upload_rights",
    metadata,
    Column("picture_id", name_text(), primary_key=True),
    Column("owner", name_text(), nullable=False),
    Column("said", Text, nullable=False),  # own, bought, unknown
    Column("source", Text, nullable=False),
    Column("said_by", name_text(), nullable=False),
    Column("said_at", Utc, nullable=False),
    Column("cleared_by", name_text()),  # NULL: what it looks like counts
    Column("cleared_at", Utc),
)

# What pictures look like, small: means of red, green and blue in sixteenths of a level, by which candidates are found,
# and the rest of it. Without means: too plain to be told from others, or its file is gone.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("asset_id", name_text(), ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("red", Integer),
    Column("green", Integer),
    Column("blue", Integer),
    Column("detail", Text),
    sqlite_with_rowid=False,
)

Index("fingerprints_by_colour", fingerprints.c.red, fingerprints.c.green, fingerprints.c.blue)

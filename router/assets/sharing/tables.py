"""The tables of share links, and of the key that signs them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from router.storage.columns import Utc, metadata, name_text

share_links = Table(
    "share_links",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("kind", Text, CheckConstraint("kind IN ('collection', 'image')", name="known_share"), nullable=False),
    Column("target", name_text(), nullable=False),  # what it shows may go before it does
    Column("owner", name_text(), nullable=False),
    Column("space", name_text(), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

Index("links_of_target", share_links.c.target, share_links.c.id)

# One row: every front door over this database signs, and knows, the same links.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("name", name_text(), primary_key=True),
    Column("secret", Text, nullable=False),  # hexadecimal
    Column("created_at", Utc, nullable=False),
)

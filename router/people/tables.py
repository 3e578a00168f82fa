"""Who there is: principals, spaces (teams), and who belongs to which. Until sign-in there is `dev` in `home`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from router.storage.columns import Utc, metadata, name_text

HOME = "home"

principals = Table(
    "principals",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
)

spaces = Table(
    "spaces",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("space", name_text(), ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
    Column("principal", name_text(), ForeignKey("principals.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
)

"""Who there is: principals, spaces (teams), and who belongs to which. Until sign-in there is `dev` in `home`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, ForeignKey, Table, Text, literal_column, text

from router.storage.columns import Utc, metadata, name_text

HOME = "home"
"""Where what belongs to no team is put. Nobody sees there what is another's."""
IN_SPACE: ColumnElement[Any] = literal_column("space <> 'home'")
"""Of indexes by space. Written out rather than bound: a planner uses a partial index only if it can see that the
conditions agree."""

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
    Column("defaults", Text, nullable=False, server_default=text("'{}'")),  # a document
    Column("archived_at", Utc),  # NULL: it is in use
    Column("created_at", Utc, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("space", name_text(), ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
    Column("principal", name_text(), ForeignKey("principals.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
)

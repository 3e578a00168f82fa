"""Who there is: principals, spaces (teams), and who belongs to which. Without sign-in there is `dev` in `home`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Table, Text, literal_column, text

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
    Column("subject", name_text()),  # who it is to the issuer; none for who never signs in
    Column("roles", Text, nullable=False, server_default=text("''")),  # that an admin has given
    Column("token_roles", Text, nullable=False, server_default=text("''")),  # that the last token had
    Column("seen_at", Utc),
    Column("deactivated_at", Utc),
)
Index("principals_by_subject", principals.c.subject, unique=True)

people_revision = Table("people_revision", metadata, Column("revision", BigInteger, primary_key=True))
"""One row. Who changes roles counts it up first, which is a lock: two admins cannot take the role from each other."""

spaces = Table(
    "spaces",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("defaults", Text, nullable=False, server_default=text("'{}'")),  # a document
    Column("files", Text, nullable=False, server_default=text("'{}'")),  # a document
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
Index("members_of_principal", members.c.principal)

"""The tables of favourites, tags and collections. All of them are also terms of `asset_search`, to be found by."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from router.storage.columns import Utc, metadata, name_text

favourites = Table(
    "favourites",
    metadata,
    Column("principal", name_text(), primary_key=True),
    Column("asset_id", name_text(), ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

Index("favourites_of_asset", favourites.c.asset_id)

asset_tags = Table(
    "asset_tags",
    metadata,
    Column("asset_id", name_text(), ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", name_text(), primary_key=True),
    Column("author", name_text(), nullable=False),
    Column("created_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

collections = Table(
    "collections",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("owner", name_text(), nullable=False),
    Column("space", name_text(), nullable=False),
    Column("name", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
)

Index("collections_of_owner", collections.c.owner, collections.c.id)

# `position` sorts as text: between any two there is room for a third, so that moving one picture changes one row.
collection_items = Table(
    "collection_items",
    metadata,
    Column("collection_id", name_text(), ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    Column("asset_id", name_text(), ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("position", name_text(), nullable=False),
    Column("note", Text, nullable=False),
    Column("author", name_text(), nullable=False),
    Column("created_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

Index("items_in_order", collection_items.c.collection_id, collection_items.c.position)
Index("items_of_asset", collection_items.c.asset_id)

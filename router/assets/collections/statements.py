"""Every statement about collections."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, func, or_, select, text, update

from router.assets.keeping.tables import collection_items, collections
from router.assets.search.statements import FAVOURITE, LISTED
from router.assets.search.tables import asset_search
from router.assets.statements import FILES
from router.assets.tables import THERE, assets
from router.storage.columns import Utc
from router.storage.insertion import Insertion

_OF = collections.c.id == bindparam("of_collection")
_ITEMS = collection_items.c.collection_id == bindparam("of_collection")
_ITEM = and_(_ITEMS, collection_items.c.asset_id == bindparam("of_asset"))
_NOW = bindparam("now", type_=Utc)

# Those that are deleted keep their place, and are not counted.
_PICTURES = (
    select(func.count())
    .select_from(collection_items.join(assets, assets.c.id == collection_items.c.asset_id))
    .where(collection_items.c.collection_id == collections.c.id, THERE)
    .scalar_subquery()
    .label("pictures")
)

INSERT = Insertion(collections)
COLLECTION = select(collections, _PICTURES).where(_OF)
HELD = select(collections).where(_OF).with_for_update()
_SEEN = or_(collections.c.owner == bindparam("owner"), collections.c.space.in_(bindparam("spaces", expanding=True)))

_HOLDS = collections.c.id.in_(
    select(collection_items.c.collection_id).where(collection_items.c.asset_id == bindparam("of_asset"))
)


def page(sees_all: bool, before: bool, holding: bool) -> Select[Any]:
    """Collections that somebody sees, newest first. Takes `owner` and `spaces` unless `sees_all`, `most`, `before`, the
    id of the last one of the page before, and `of_asset`, which they are to be `holding`."""
    chosen = select(collections, _PICTURES).order_by(collections.c.id.desc()).limit(bindparam("most"))
    chosen = chosen if sees_all else chosen.where(_SEEN)
    chosen = chosen.where(_HOLDS) if holding else chosen
    return chosen.where(collections.c.id < bindparam("before")) if before else chosen


CHANGE = (
    update(collections).where(_OF).values(name=bindparam("new_name"), notes=bindparam("new_notes"), changed_at=_NOW)
)
TOUCH = update(collections).where(_OF).values(changed_at=_NOW)
DELETE = delete(collections).where(_OF)

ITEMS = (
    select(*LISTED, FILES, FAVOURITE, collection_items.c.note, collection_items.c.position)
    .join(assets, assets.c.id == asset_search.c.asset_id)
    .join(collection_items, collection_items.c.asset_id == assets.c.id)
    .where(_ITEMS, THERE)
    .order_by(collection_items.c.position, assets.c.id)
)
PLACES = (
    select(collection_items.c.asset_id, collection_items.c.position)
    .where(_ITEMS)
    .order_by(collection_items.c.position, collection_items.c.asset_id)
)
PUT = text(
    "INSERT INTO collection_items (collection_id, asset_id, position, note, author, created_at)"
    " VALUES (:of_collection, :of_asset, :position, '', :author, :now)"
    " ON CONFLICT (collection_id, asset_id) DO UPDATE SET position = excluded.position"
).bindparams(_NOW)
NOTE = update(collection_items).where(_ITEM).values(note=bindparam("new_note")).returning(collection_items.c.asset_id)
TAKE = delete(collection_items).where(_ITEM).returning(collection_items.c.asset_id)

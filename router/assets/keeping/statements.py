"""The statements of favourites, tags and deletion."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, delete, exists, select, text, update

from router.assets.keeping.tables import asset_tags, collection_items, favourites
from router.assets.search.tables import asset_search
from router.assets.tables import DELETED, assets, files
from router.jobs.tables import UNFINISHED, jobs
from router.storage.columns import Utc
from router.storage.insertion import Insertion

_ASSET: BindParameter[str] = bindparam("of_asset")
_NOW = bindparam("now", type_=Utc)

# What a picture is found by, but for what the tables of this room say.
DESCRIBED = (
    select(
        assets.c.kind,
        assets.c.licence,
        assets.c.notes,
        assets.c.created_at,
        asset_search.c.prompt,
        asset_search.c.asset_type,
        asset_search.c.quality,
        asset_search.c.model,
        asset_search.c.loras,
        asset_search.c.colours,
    )
    .join(asset_search, asset_search.c.asset_id == assets.c.id)
    .where(assets.c.id == _ASSET)
)
TAGS = select(asset_tags.c.tag).where(asset_tags.c.asset_id == _ASSET).order_by(asset_tags.c.tag)
KEPT_BY = select(favourites.c.principal).where(favourites.c.asset_id == _ASSET).order_by(favourites.c.principal)
COLLECTED = (
    select(collection_items.c.collection_id)
    .where(collection_items.c.asset_id == _ASSET)
    .order_by(collection_items.c.collection_id)
)

KEEP = text(
    "INSERT INTO favourites (principal, asset_id, created_at) VALUES (:principal, :of_asset, :now)"
    " ON CONFLICT (principal, asset_id) DO NOTHING"
).bindparams(_NOW)
LET_GO = delete(favourites).where(favourites.c.principal == bindparam("principal"), favourites.c.asset_id == _ASSET)
CLEAR_TAGS = delete(asset_tags).where(asset_tags.c.asset_id == _ASSET)
INSERT_TAGS = Insertion(asset_tags)

MARK_DELETED = update(assets).where(assets.c.id == _ASSET).values(deleted_at=bindparam("at", type_=Utc))
# A picture of a job that is still in work keeps its place, or it would be drawn again.
LONG_DELETED = (
    select(assets.c.id)
    .where(
        DELETED,
        assets.c.deleted_at <= bindparam("before", type_=Utc),
        ~exists().where(jobs.c.id == assets.c.job_id, UNFINISHED),
    )
    .order_by(assets.c.deleted_at)
    .limit(bindparam("most"))
)
HELD_DELETED = (
    select(assets.c.id)
    .where(assets.c.id == _ASSET, DELETED, assets.c.deleted_at <= bindparam("before", type_=Utc))
    .with_for_update()
)
FILES_OF = select(files.c.sha256).where(files.c.asset_id == _ASSET)
REMOVE = delete(assets).where(assets.c.id == _ASSET)

"""The statements of favourites, tags and deletion."""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, exists, select, text, update

from router.assets.keeping.tables import asset_tags, collection_items, favourites
from router.assets.search.tables import asset_search
from router.assets.sharing.tables import share_links
from router.assets.tables import DELETED, PASSING, THERE, asset_parents, assets, files
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
# Somebody wants it: it does not go by itself again.
MARK_RESTORED = update(assets).where(assets.c.id == _ASSET).values(deleted_at=None, kept_until=None)
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

_CHILD = assets.alias("child")


def _wanted(asset_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Somebody has put a picture among their favourites or into a collection, or shares it now."""
    shown = exists().where(
        share_links.c.kind == "image",
        share_links.c.target == asset_id,
        share_links.c.revoked_at.is_(None),
        share_links.c.expires_at > _NOW,
    )
    kept = exists().where(favourites.c.asset_id == asset_id)
    return kept | exists().where(collection_items.c.asset_id == asset_id) | shown


_UNWANTED = (
    ~_wanted(assets.c.id),
    ~exists(
        select(_CHILD.c.id)
        .join(asset_parents, asset_parents.c.asset_id == _CHILD.c.id)
        .where(asset_parents.c.parent_id == assets.c.id, _CHILD.c.deleted_at.is_(None), _wanted(_CHILD.c.id))
    ),
)
"""Nobody wants a picture, nor one that was made from it."""
_EXPIRED = (
    select(assets.c.id, assets.c.created_at)
    .where(
        assets.c.space == bindparam("of_space"),
        assets.c.kind == "drawn",
        THERE,
        assets.c.created_at <= bindparam("before", type_=Utc),
        *_UNWANTED,
        ~exists().where(jobs.c.id == assets.c.job_id, UNFINISHED),
    )
    .order_by(assets.c.created_at, assets.c.id)
)
EXPIRED = _EXPIRED.limit(bindparam("most"))
STILL_EXPIRED = _EXPIRED.where(assets.c.id == _ASSET)
"""Of drawn pictures that are older than their space keeps them: all, and whether one that is held is one of them."""

_PASSED = select(assets.c.id).where(PASSING, assets.c.kept_until <= _NOW, *_UNWANTED).order_by(assets.c.kept_until)
PASSED = _PASSED.limit(bindparam("most"))
STILL_PASSED = _PASSED.where(assets.c.id == _ASSET)
"""Of inputs of one call that were kept long enough: all, and whether one that is held is one of them."""

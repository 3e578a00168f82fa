"""/collections: pictures put together, in an order, each with a note."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from router.api.deps import Before, PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.pictures.collection_schemas import (
    CollectionBody,
    CollectionChange,
    CollectionsPage,
    CollectionWhole,
    ItemsBody,
    NewCollection,
    NoteBody,
    collection_body,
    whole_collection,
)
from router.api.pictures.images import AssetId

routes = APIRouter(prefix="/collections", tags=["collections"], responses=error_responses(404, 422))

CollectionId = Annotated[str, Path(min_length=1, max_length=64)]


@routes.get("")
async def list_collections(
    studio: StudioDep,
    viewer: ViewerDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Before = None,
    holding: Annotated[str | None, Query(max_length=64, description="only those that this picture is in")] = None,
) -> CollectionsPage:
    """Your collections and those of your spaces, newest first."""
    found = await studio.collections.collections(viewer, limit, before, holding)
    page = tuple(map(collection_body, found))
    return CollectionsPage(collections=page, next=found[-1].id if len(found) == limit else None)


@routes.post("", status_code=201)
async def create_collection(
    response: Response, studio: StudioDep, viewer: ViewerDep, body: NewCollection
) -> CollectionBody:
    """Begin a collection, which whoever is in your space sees, too."""
    made = await studio.collections.create(viewer, body.name, body.notes)
    response.headers["Location"] = f"/collections/{made.id}"
    return collection_body(made)


@routes.get("/{collection_id}")
async def read_collection(
    request: Request, studio: StudioDep, viewer: ViewerDep, collection_id: CollectionId
) -> CollectionWhole:
    """A collection with its pictures, in order."""
    collection = await studio.collections.collection(viewer, collection_id)
    return whole_collection(request, collection, await studio.collections.items(viewer, collection_id))


@routes.patch("/{collection_id}", responses=error_responses(403))
async def change_collection(
    studio: StudioDep, viewer: ViewerDep, collection_id: CollectionId, body: CollectionChange
) -> CollectionBody:
    """Give it another name, or other notes."""
    return collection_body(await studio.collections.change(viewer, collection_id, body.name, body.notes))


@routes.delete("/{collection_id}", status_code=204, responses=error_responses(403))
async def delete_collection(
    studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, collection_id: CollectionId
) -> None:
    """Delete a collection; its pictures stay. Links to it show nothing from then on."""
    await studio.collections.delete(viewer, collection_id, studio.audit.sign(principal))


@routes.post("/{collection_id}/items", responses=error_responses(403))
async def put_items(
    studio: StudioDep, viewer: ViewerDep, collection_id: CollectionId, body: ItemsBody
) -> CollectionBody:
    """Add pictures, or move those that are in it, to one place, in this order. All of them, or none."""
    return collection_body(await studio.collections.put(viewer, collection_id, body.asset_ids, body.after))


@routes.patch("/{collection_id}/items/{asset_id}", status_code=204, responses=error_responses(403))
async def note_item(
    studio: StudioDep, viewer: ViewerDep, collection_id: CollectionId, asset_id: AssetId, body: NoteBody
) -> None:
    """Say something of one of its pictures."""
    await studio.collections.note(viewer, collection_id, asset_id, body.note)


@routes.delete("/{collection_id}/items/{asset_id}", status_code=204, responses=error_responses(403))
async def remove_item(studio: StudioDep, viewer: ViewerDep, collection_id: CollectionId, asset_id: AssetId) -> None:
    """Take a picture out of it."""
    await studio.collections.take(viewer, collection_id, asset_id)

"""/images and /history: pictures found again, drawn and uploaded, by words, by what they are, and by when."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from router.api.deps import PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.pictures.image_queries import Cursor, FiltersDep, PageSize, SortParam, search_for
from router.api.pictures.image_schemas import (
    FacetsBody,
    FoundImage,
    ImagesPage,
    TagsBody,
    facets_body,
    found_image,
    images_page,
)
from router.assets.rows import unknown_upload
from router.assets.search.model import Listed
from router.licences.holding import hold_pictures
from router.people.principal import Principal
from router.people.viewer import Viewer
from router.studio import Studio

routes = APIRouter(tags=["images"], responses=error_responses(422))

AssetId = Annotated[str, Path(min_length=1, max_length=64)]


@routes.get("/images")
async def list_images(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    filters: FiltersDep,
    sort: SortParam = "newest",
    deleted: Annotated[bool, Query(description="Those that you have deleted, instead of those that are there")] = False,
    limit: PageSize = 50,
    before: Cursor = None,
) -> ImagesPage:
    """All pictures that you may see, drawn and uploaded. A page stays as it is while others draw."""
    question = search_for(viewer, filters, sort, deleted)
    return images_page(request, await studio.images.page(question, limit, before))


@routes.get("/history")
async def read_history(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    filters: FiltersDep,
    sort: SortParam = "newest",
    limit: PageSize = 50,
    before: Cursor = None,
) -> ImagesPage:
    """Your generation history: the pictures that you have drawn, found as those of GET /images."""
    own = replace(filters, terms=(*filters.terms, ("kind", "drawn"), ("owner", viewer.owner)))
    question = search_for(viewer, own, sort)
    return images_page(request, await studio.images.page(question, limit, before))


@routes.get("/images/facets")
async def read_facets(studio: StudioDep, viewer: ViewerDep, filters: FiltersDep) -> FacetsBody:
    """How many pictures there are of each asset type, model, LoRA, licence, tag and month."""
    return facets_body(await studio.images.facets(search_for(viewer, filters)))


@routes.put("/images/{asset_id}/favourite", status_code=204, responses=error_responses(404))
async def add_favourite(studio: StudioDep, viewer: ViewerDep, asset_id: AssetId) -> None:
    """Keep a picture among your favourites. Others do not see which these are."""
    await studio.keeping.set_favourite(viewer, asset_id, True)


@routes.delete("/images/{asset_id}/favourite", status_code=204, responses=error_responses(404))
async def remove_favourite(studio: StudioDep, viewer: ViewerDep, asset_id: AssetId) -> None:
    """It is no longer one of your favourites."""
    await studio.keeping.set_favourite(viewer, asset_id, False)


@routes.put("/images/{asset_id}/tags", responses=error_responses(403, 404))
async def set_tags(studio: StudioDep, viewer: ViewerDep, asset_id: AssetId, body: TagsBody) -> TagsBody:
    """Give a picture of yours these tags, in place of those that it has: lower case, each once."""
    return TagsBody(tags=await studio.keeping.set_tags(viewer, asset_id, body.tags))


@routes.delete("/images/{asset_id}", status_code=204, responses=error_responses(403, 404))
async def delete_image(studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, asset_id: AssetId) -> None:
    """Delete a picture of yours, drawn or uploaded. Nobody finds it any more; it can be restored for 7 days, and its
    files go then. What was made from it stays."""
    await studio.keeping.delete(viewer, asset_id, studio.audit.sign(principal))


@routes.post("/images/{asset_id}/restore", responses=error_responses(404, 410))
async def restore_image(
    request: Request, studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, asset_id: AssetId
) -> FoundImage:
    """Take back a deletion of the last 7 days."""
    await studio.keeping.restore(viewer, asset_id, studio.audit.sign(principal))
    return found_image(request, await _held(studio, viewer, principal, asset_id))


@routes.get("/images/{asset_id}", name="image", responses=error_responses(404))
async def read_image(
    request: Request, studio: StudioDep, viewer: ViewerDep, principal: PrincipalDep, asset_id: AssetId
) -> FoundImage:
    """One picture, with how it was made and what it may be used for now; also one that was deleted less than 7 days
    ago."""
    return found_image(request, await _held(studio, viewer, principal, asset_id))


async def _held(studio: Studio, viewer: Viewer, principal: Principal, asset_id: str) -> Listed:
    """A picture with what holds now, by the same words as its job; an upload that nobody has judged is of the right
    that was last said of it."""
    found = await studio.images.image(viewer, asset_id)
    accepted = found.licence
    if accepted is None and found.kind == "uploaded":
        accepted = unknown_upload(found.id)
    if accepted is None:
        return found
    held = await hold_pictures(studio.licences, studio.installation.catalog, principal, {found.id: accepted})
    return replace(found, licence=held[found.id])

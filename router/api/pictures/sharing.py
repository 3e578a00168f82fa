"""Links that show a picture or a collection to whoever has them, without signing in: made, revoked, opened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from configs.errors import Expired, NotFound
from router.api.deps import PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.page import app_page
from router.api.pictures.collection_schemas import LinkBody, LinksBody, NewLink, SharedBody, link_body, shared_image
from router.api.pictures.collections import CollectionId
from router.api.pictures.images import AssetId
from router.api.pictures.uses import UseQuery, Wanted
from router.api.web_build import prefers_html
from router.assets.collections.model import Collection, Item
from router.assets.sharing.model import ShareKind, ShareLink
from router.licences.uses import of_asset
from router.people.principal import Principal
from router.people.viewer import STUDIO
from router.studio import Studio

routes = APIRouter(tags=["sharing"], responses=error_responses(404, 422))
public = APIRouter(tags=["sharing"], responses=error_responses(404, 422))

Token = Annotated[str, Path(min_length=1, max_length=120)]
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Vary": "Accept",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
_SVG_CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@routes.post("/collections/{collection_id}/links", status_code=201, responses=error_responses(403))
async def share_collection(
    request: Request,
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    collection_id: CollectionId,
    body: NewLink,
) -> LinkBody:
    """Make a link that shows a collection of yours, as it is whenever it is looked at, until it expires."""
    signature = studio.audit.sign(principal)
    made = await studio.shares.create(viewer, "collection", collection_id, body.days, signature)
    return link_body(request, made, datetime.now(UTC))


@routes.post("/images/{asset_id}/links", status_code=201, responses=error_responses(403))
async def share_image(
    request: Request,
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    asset_id: AssetId,
    body: NewLink,
) -> LinkBody:
    """Make a link that shows a picture of yours until it expires."""
    made = await studio.shares.create(viewer, "image", asset_id, body.days, studio.audit.sign(principal))
    return link_body(request, made, datetime.now(UTC))


@routes.get("/collections/{collection_id}/links", responses=error_responses(403))
async def list_collection_links(
    request: Request, studio: StudioDep, viewer: ViewerDep, collection_id: CollectionId
) -> LinksBody:
    """The links to a collection of yours, newest first."""
    return await _listed(request, studio, viewer, "collection", collection_id)


@routes.get("/images/{asset_id}/links", responses=error_responses(403))
async def list_image_links(request: Request, studio: StudioDep, viewer: ViewerDep, asset_id: AssetId) -> LinksBody:
    """The links to a picture of yours, newest first."""
    return await _listed(request, studio, viewer, "image", asset_id)


@routes.delete("/links/{link_id}", status_code=204, responses=error_responses(403))
async def revoke_link(
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    link_id: Annotated[str, Path(min_length=1, max_length=64)],
) -> None:
    """Have a link show nothing from now on."""
    await studio.shares.revoke(viewer, link_id, studio.audit.sign(principal))


@public.get("/shared/{token}", name="shared", response_model=SharedBody, responses=error_responses(410))
async def read_shared(request: Request, response: Response, studio: StudioDep, token: Token) -> SharedBody | Response:
    """What a link shows. Nobody has to sign in. A browser that opens it gets the studio's page, which asks again."""
    if request.app.state.web_build.exists and prefers_html(request.headers.get("accept", "")):
        return await app_page(request, studio, **_HEADERS)
    shared = await studio.shares.open(token)
    collection, items = await _shown(studio, shared)
    response.headers.update(_HEADERS)
    return SharedBody(
        kind=shared.kind,
        name=collection.name if collection else "",
        notes=collection.notes if collection else "",
        expires_at=shared.expires_at,
        images=tuple(shared_image(request, token, item.image, item.note) for item in items),
    )


@public.get(
    "/shared/{token}/{asset_id}/{rendition}",
    name="shared_file",
    response_class=Response,
    responses=error_responses(403, 410, 503),
)
async def read_shared_file(
    studio: StudioDep,
    token: Token,
    asset_id: AssetId,
    rendition: Annotated[str, Path(min_length=1, max_length=32)],
    use: UseQuery = None,
) -> Response:
    """A file of a picture that a link shows, and of no other. It is shown to be looked at, unless `use` says for what
    else it is wanted."""
    shared = await studio.shares.open(token)
    _, items = await _shown(studio, shared)
    files = (file for item in items if item.image.id == asset_id for file in item.image.files)
    file = next((one for one in files if one.rendition == rendition), None)
    if file is None:
        raise NotFound("This link shows no such file")
    whoever = Principal("", "whoever has the link", frozenset(), space=shared.space)
    asset = await studio.store.asset(STUDIO, asset_id)
    await Wanted(studio, whoever, use or "reference").check([of_asset(asset)])
    headers = _HEADERS | ({"Content-Security-Policy": _SVG_CSP} if file.format == "svg" else {})
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)


async def _listed(request: Request, studio: Studio, viewer: ViewerDep, kind: ShareKind, target: str) -> LinksBody:
    now = datetime.now(UTC)
    found = await studio.shares.links(viewer, kind, target)
    return LinksBody(links=tuple(link_body(request, one, now) for one in found))


async def _shown(studio: Studio, shared: ShareLink) -> tuple[Collection | None, tuple[Item, ...]]:
    """What is there of it now. Raises `Expired` where that was deleted."""
    try:
        if shared.kind == "collection":
            collection = await studio.collections.collection(STUDIO, shared.target)
            return collection, await studio.collections.items(STUDIO, shared.target)
        image = await studio.images.image(STUDIO, shared.target)
    except NotFound:
        raise _gone() from None
    if image.deleted_at is not None:
        raise _gone()
    return None, (Item(image, ""),)


def _gone() -> Expired:
    return Expired("what this link showed was deleted: ask whoever sent it")

"""/images/{asset_id}/thumbnail: a picture as small as a screen shows it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from configs.errors import NotFound
from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.pictures.images import AssetId
from router.api.pictures.uses import WantedDep
from router.licences.uses import of_listed
from router.pictures.names import pixels_of
from router.pictures.thumbnails import MEDIA_TYPE, Side, etag

routes = APIRouter(tags=["images"], responses=error_responses(422))

_FOREVER = "private, max-age=31536000, immutable"
SideQuery = Annotated[Side, Query(description="How wide and high it is at most, in pixels: 128, 256, 512 or 1024")]


@routes.get(
    "/images/{asset_id}/thumbnail",
    name="thumbnail",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}, **error_responses(304, 403, 404, 503)},
)
async def read_thumbnail(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    asset_id: AssetId,
    wanted: WantedDep,
    side: SideQuery = Side.CARD,
) -> Response:
    """A picture, drawn or uploaded, as a WebP of at most this side, and never larger than it is; also of one that was
    deleted less than 7 days ago, for who may restore it. It is made when it is first asked for."""
    found = await studio.images.image(viewer, asset_id)
    file = pixels_of(found.files)
    if file is None:
        raise NotFound(f"picture {asset_id} has no file with pixels: its `url` is the file to show")
    await wanted.check([of_listed(found)])
    headers = {"ETag": etag(file.sha256, side), "Cache-Control": _FOREVER}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await studio.thumbnails.get(file.sha256, side), media_type=MEDIA_TYPE, headers=headers)

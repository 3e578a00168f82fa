"""/pictures: bring a picture to start from, and look at it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Path, Query, Request, Response, UploadFile

from configs.errors import NotFound
from router.api.deps import Before, PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.links import link
from router.api.schemas import PictureBody, PicturesPage
from router.jobs.model import UploadedPicture
from router.notes import Note
from router.pictures.names import pixels_of

routes = APIRouter(tags=["pictures"])

PictureId = Annotated[str, Path(min_length=1, max_length=64)]
_FOREVER = "private, max-age=31536000, immutable"


@routes.post("/pictures", status_code=201, responses=error_responses(413, 422, 503))
async def upload_picture(
    request: Request,
    response: Response,
    studio: StudioDep,
    viewer: ViewerDep,
    file: Annotated[UploadFile, File(description="A PNG, JPEG, WebP, GIF or AVIF file")],
) -> PictureBody:
    """Bring a picture; POST /generate takes it by its `picture_id`. It is kept upright, as PNG, without metadata."""
    await studio.spaces.in_use(viewer.space)
    picture, notes = await studio.uploads.put(viewer, await file.read())
    response.headers["Location"] = link(request, "picture", picture_id=picture.id).path
    return _body(request, picture, notes)


@routes.get("/pictures", responses=error_responses(422))
async def list_pictures(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Before = None,
) -> PicturesPage:
    """The pictures that you have uploaded, newest first."""
    found = await studio.store.pictures(viewer, limit, before)
    page = tuple(_body(request, picture) for picture in found)
    return PicturesPage(pictures=page, next=found[-1].id if len(found) == limit else None)


@routes.get(
    "/pictures/{picture_id}",
    name="picture",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, **error_responses(304, 404, 503)},
)
async def read_picture(request: Request, studio: StudioDep, viewer: ViewerDep, picture_id: PictureId) -> Response:
    """A picture by its id, uploaded or drawn here (`asset_id`), as the best file that has its pixels."""
    file = pixels_of((await studio.store.asset(viewer, picture_id)).files)
    if file is None:
        raise NotFound(f"picture {picture_id} has no file with pixels")
    headers = {"ETag": f'"{file.sha256}"', "Cache-Control": _FOREVER}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)


@routes.delete("/pictures/{picture_id}", status_code=204, responses=error_responses(404))
async def delete_picture(studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, picture_id: PictureId) -> None:
    """Delete a picture that you have uploaded. A job that has yet to begin with it fails; finished ones stay."""
    await studio.store.remove_picture(viewer, picture_id, studio.audit.sign(principal))


def _body(request: Request, picture: UploadedPicture, notes: tuple[Note, ...] = ()) -> PictureBody:
    return PictureBody(
        picture_id=picture.id,
        width=picture.width,
        height=picture.height,
        size_bytes=picture.size_bytes,
        url=str(link(request, "picture", picture_id=picture.id)),
        notes=notes,
    )

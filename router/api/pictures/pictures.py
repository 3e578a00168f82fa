"""/pictures: bring a picture to start from, and look at it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile

from configs.errors import NotFound
from configs.text import one_line
from router.api.deps import Before, PrincipalDep, SpaceDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.library.licence_schemas import RightWish
from router.api.links import link
from router.api.pictures.uses import WantedDep
from router.api.schemas import PictureBody, PicturesPage
from router.jobs.model import UploadedPicture
from router.licences.model import Right, UploadRight, Word
from router.licences.uses import of_asset
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
    right: Annotated[
        Right, Form(description="Whose it is: `own`, `bought` (a licence for it), or `unknown`")
    ] = "unknown",
    source: Annotated[str, Form(max_length=500, description="Where it comes from")] = "",
) -> PictureBody:
    """Bring a picture; POST /generate takes it by its `picture_id`. It is kept upright, as PNG, without metadata. What
    is made of one of unknown right is for the studio's own use, until somebody says whose it is."""
    await studio.spaces.in_use(viewer.space)
    word = Word(right, one_line(source, 500))
    picture, notes = await studio.uploads.put(viewer, await file.read(), word)
    response.headers["Location"] = link(request, "picture", picture_id=picture.id).path
    return _body(request, picture, notes)


@routes.get("/pictures", responses=error_responses(404, 422))
async def list_pictures(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    space: SpaceDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Before = None,
) -> PicturesPage:
    """The pictures that you have uploaded, or those of a space, newest first."""
    found = await studio.store.pictures(viewer, limit, before, space)
    page = tuple(_body(request, picture) for picture in found)
    return PicturesPage(pictures=page, next=found[-1].id if len(found) == limit else None)


@routes.get(
    "/pictures/{picture_id}",
    name="picture",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, **error_responses(304, 403, 404, 503)},
)
async def read_picture(
    request: Request, studio: StudioDep, viewer: ViewerDep, picture_id: PictureId, wanted: WantedDep
) -> Response:
    """A picture by its id, uploaded or drawn here (`asset_id`), as the best file that has its pixels."""
    asset = await studio.store.asset(viewer, picture_id)
    file = pixels_of(asset.files)
    if file is None:
        raise NotFound(f"picture {picture_id} has no file with pixels")
    await wanted.check([of_asset(asset)])
    headers = {"ETag": f'"{file.sha256}"', "Cache-Control": _FOREVER}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)


@routes.patch("/pictures/{picture_id}", responses=error_responses(404, 422))
async def say_right(
    request: Request,
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    picture_id: PictureId,
    body: RightWish,
) -> PictureBody:
    """Say whose an upload is. It counts from now on, also for what was made of it before."""
    picture = await studio.store.picture(viewer, picture_id)
    viewer.check_change(picture, f"picture {picture.id}")
    source, now = one_line(body.source, 500), studio.licences.now
    word = UploadRight(picture.id, picture.owner, body.right, source, principal.id, now)
    said = await studio.licences.say(word, studio.audit.sign(principal))
    return _body(request, replace(picture, right=said.right, source=said.source))


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
        right=picture.right,
        source=picture.source,
        kept_until=picture.kept_until,
        url=str(link(request, "picture", picture_id=picture.id)),
        notes=notes,
    )

"""What a batch has made as one file: GET /batches/{id}/zip has all of it, /sheet shows its pictures side by side."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from router.api.batches import BatchId
from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.batches.model import Batch
from router.batches.naming import slug
from router.batches.packing import check_finished, pack
from router.batches.sheet import lay_out_batch
from router.grids import GridFormat, draw_sheet

routes = APIRouter(tags=["batches"])

Partial = Annotated[bool, Query(description="Take what is finished of a batch that is not")]


@routes.get(
    "/batches/{batch_id}/zip",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **error_responses(404, 409, 422)},
)
async def download_batch(
    studio: StudioDep, viewer: ViewerDep, batch_id: BatchId, partial: Partial = False
) -> StreamingResponse:
    """All finished pictures of a batch, named by line and prompt, with `manifest.json` and `manifest.csv`: for each its
    recipe, what it may be used for, and its scores. It is made while it is sent."""
    batch = await studio.batches.batch(viewer, batch_id)
    check_finished(batch, partial)
    headers = {"Content-Disposition": _attachment(batch, "zip"), "Cache-Control": "no-store"}
    return StreamingResponse(pack(studio.batches, studio.blobs, batch), media_type="application/zip", headers=headers)


@routes.get(
    "/batches/{batch_id}/sheet",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, **error_responses(304, 404, 422)},
)
async def read_sheet(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    batch_id: BatchId,
    format: GridFormat = "png",
    page: Annotated[int, Query(ge=1, le=1000, description="From 1; a sheet has 100 pictures at most")] = 1,
) -> Response:
    """The pictures of a batch that are finished so far on one sheet, in the order of its rows, each with what differs:
    asset type, model, quality, LoRAs, seed."""
    batch = await studio.batches.batch(viewer, batch_id)
    file = await draw_sheet(studio.replicas, await lay_out_batch(studio.batches, batch, format, page))
    headers = {"ETag": f'"{file.sha256}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)


def _attachment(batch: Batch, suffix: str) -> str:
    """The name to save under, in any script."""
    name = f"{slug(batch.name) or batch.id}.{suffix}"
    return f"attachment; filename=\"{batch.id}.{suffix}\"; filename*=UTF-8''{quote(name)}"

"""What a batch has made as one file: GET /batches/{id}/zip has all of it, /sheet shows its pictures side by side."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from router.api.batches.batches import BatchId
from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.pictures.uses import Wanted, WantedDep
from router.batches.model import Batch
from router.batches.naming import slug
from router.batches.packing import check_finished, pack
from router.batches.sheet import lay_out_batch
from router.batches.store import BatchStore
from router.experiments.comparisons.reading import check_revealed
from router.grids import GridFormat, draw_sheet
from router.licences.uses import Finding, Handed, Judged, of_job, refusal

routes = APIRouter(tags=["batches"])

_AT_ONCE = 200  # pictures whose licences are judged together
Partial = Annotated[bool, Query(description="Take what is finished of a batch that is not")]
LeaveOut = Annotated[
    bool, Query(description="Leave out what may not be used so, and say in the manifest which pictures and why")
]


@routes.get(
    "/batches/{batch_id}/zip",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **error_responses(403, 404, 409, 422)},
)
async def download_batch(
    studio: StudioDep,
    viewer: ViewerDep,
    batch_id: BatchId,
    wanted: WantedDep,
    partial: Partial = False,
    leave_out: LeaveOut = False,
) -> StreamingResponse:
    """All finished pictures of a batch, named by line and prompt, with `manifest.json` and `manifest.csv`: for each its
    recipe, what it may be used for, and its scores. It is made while it is sent. If the licences of one of them do not
    allow what they are wanted for, there is none of them, unless `leave_out` says to leave such pictures out."""
    batch = await studio.batches.batch(viewer, batch_id)
    await check_revealed(studio, viewer, batch)
    check_finished(batch, partial)
    judged = await find_restricted(wanted, studio.batches, batch.id)
    if judged.restricted and not leave_out:
        raise refusal(wanted.use, tuple(judged.restricted.values()))
    headers = {"Content-Disposition": _attachment(batch, "zip"), "Cache-Control": "no-store"}
    return StreamingResponse(
        pack(studio.batches, studio.blobs, batch, judged), media_type="application/zip", headers=headers
    )


@routes.get(
    "/batches/{batch_id}/sheet",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, **error_responses(304, 403, 404, 422)},
)
async def read_sheet(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    batch_id: BatchId,
    wanted: WantedDep,
    format: GridFormat = "png",
    page: Annotated[int, Query(ge=1, le=1000, description="From 1; a sheet has 100 pictures at most")] = 1,
) -> Response:
    """The pictures of a batch that are finished so far on one sheet, in the order of its rows, each with what differs:
    asset type, model, quality, LoRAs, seed."""
    batch = await studio.batches.batch(viewer, batch_id)
    await check_revealed(studio, viewer, batch)
    laid, shown = await lay_out_batch(studio.batches, batch, format, page)
    await wanted.check(of_job(job, image) for job, image in shown)
    file = await draw_sheet(studio.replicas, laid)
    headers = {"ETag": f'"{file.sha256}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)


async def find_restricted(wanted: Wanted, batches: BatchStore, batch_id: str) -> Judged:
    """What stands against the use of each picture that is finished now."""
    judged, found, portion = set[str](), list[Finding](), list[Handed]()
    async for job in batches.all_jobs(batch_id):
        portion += (of_job(job, image) for image in job.images)
        if len(portion) >= _AT_ONCE:
            found += await wanted.obstacles(portion)
            judged.update(one.asset_id for one in portion)
            portion = []
    found += await wanted.obstacles(portion)
    judged.update(one.asset_id for one in portion)
    return Judged(wanted.use, frozenset(judged), {one.picture.asset_id: one for one in found})


def _attachment(batch: Batch, suffix: str) -> str:
    """The name to save under, in any script."""
    name = f"{slug(batch.name) or batch.id}.{suffix}"
    return f"attachment; filename=\"{batch.id}.{suffix}\"; filename*=UTF-8''{quote(name)}"

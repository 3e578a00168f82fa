"""/batches: many pictures in one call, followed and canceled as one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from router.api.batches.batch_schemas import (
    BatchAccepted,
    BatchCounts,
    BatchDetail,
    BatchesPage,
    BatchLine,
    BatchPlan,
    RowFailure,
)
from router.api.batches.orders import REQUEST_BODY, OrderDep
from router.api.deps import Before, ConductorDep, SpaceDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.links import link
from router.api.rate_limits import RATE_LIMIT_HEADERS, rate_limit_headers
from router.api.repeats import REPLAYED, Key
from router.batches.model import Batch
from router.batches.submission import Order, Submitted, draft_batch, remaining_seconds, submit_batch
from router.experiments.comparisons.model import KEY
from router.experiments.comparisons.reading import is_veiled
from router.people.viewer import Viewer
from router.studio import Studio

routes = APIRouter(tags=["batches"])

BatchId = Annotated[str, Path(min_length=1, max_length=64)]
_ACCEPTED: dict[str, Any] = {
    "headers": {
        **RATE_LIMIT_HEADERS,
        "Location": {"schema": {"type": "string"}, "description": "The path of the batch"},
        REPLAYED: {"schema": {"enum": ["true"]}, "description": "The batch was accepted before, with the same key"},
    }
}


@routes.post(
    "/batches",
    status_code=202,
    response_model=BatchAccepted,
    responses={
        200: {"model": BatchPlan, "description": "What would be done (dry_run)"},
        202: _ACCEPTED,
        **error_responses(409, 413, 422, 429, 503),
    },
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def order_batch(
    request: Request,
    response: Response,
    studio: StudioDep,
    conductor: ConductorDep,
    viewer: ViewerDep,
    order: OrderDep,
    key: Key = None,
) -> BatchAccepted | Response:
    """Draw many pictures: a list of prompts, a CSV file, or either times asset types, models, LoRAs and seeds.

    Every row is planned before any begins: if one is wrong, all that are wrong are named by their line, and nothing is
    started, unless `skip_invalid` says to leave them out.
    """
    if order.sweep.dry_run:
        return JSONResponse((await _preview(studio, viewer, order)).model_dump(mode="json"))
    submitted = await submit_batch(studio, viewer, order, key)
    conductor.wake()
    response.headers["Location"] = link(request, "read_batch", batch_id=submitted.batch.id).path
    response.headers.update(rate_limit_headers(submitted.quotas))
    if not submitted.is_new:
        response.headers[REPLAYED] = "true"
    return _accepted(submitted)


@routes.get("/batches", responses=error_responses(404, 422))
async def list_batches(
    studio: StudioDep,
    viewer: ViewerDep,
    space: SpaceDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Before = None,
) -> BatchesPage:
    """Your batches, or those of a space, newest first."""
    found = await studio.batches.batches(viewer, limit, before, space)
    page = tuple(BatchLine(**_told(batch, batch.remaining_seconds)) for batch in found)
    return BatchesPage(batches=page, next=found[-1].id if len(found) == limit else None)


@routes.get("/batches/{batch_id}", responses=error_responses(404, 422))
async def read_batch(studio: StudioDep, viewer: ViewerDep, batch_id: BatchId) -> BatchDetail:
    """A batch as it stands: how far it is, and which of its rows have failed (of a blind comparison, once its sides are
    named). Its jobs are in GET /jobs?batch=."""
    return await _detail(studio, viewer, await studio.batches.batch(viewer, batch_id))


@routes.delete("/batches/{batch_id}", responses=error_responses(404, 422))
async def cancel_batch(studio: StudioDep, conductor: ConductorDep, viewer: ViewerDep, batch_id: BatchId) -> BatchDetail:
    """Cancel what is left: what waits at once, what is drawn within two steps. Finished pictures are kept."""
    for job_id in await studio.batches.cancel(viewer, batch_id):
        conductor.cancel(job_id)
    return await _detail(studio, viewer, await studio.batches.batch(viewer, batch_id))


async def _preview(studio: Studio, viewer: Viewer, order: Order) -> BatchPlan:
    drafted = await draft_batch(studio, viewer, order)
    waiting = await studio.store.backlog(viewer.owner, in_batch=True)
    return BatchPlan(
        lines=len(order.lines) + len(order.errors),
        jobs=len(drafted.jobs),
        pictures=drafted.pictures,
        lines_skipped=len(drafted.wrong_lines),
        skipped=tuple(drafted.errors),
        estimated_time_seconds=round(waiting.seconds + drafted.seconds, 2),
    )


def _accepted(submitted: Submitted) -> BatchAccepted:
    batch = submitted.batch
    return BatchAccepted(
        batch_id=batch.id,
        status=batch.status,
        lines=batch.lines,
        jobs=batch.jobs,
        lines_skipped=batch.lines_skipped,
        skipped=batch.skipped,
        estimated_time_seconds=round(submitted.estimated_seconds, 2),
    )


async def _detail(studio: Studio, viewer: Viewer, batch: Batch) -> BatchDetail:
    veiled = await is_veiled(studio, viewer, batch)
    failed = () if veiled else await studio.batches.failed(batch.id)
    failures = (
        RowFailure(line=one.line, job_id=one.job_id, code=one.failure.code, message=one.failure.message)
        for one in failed
    )
    told = _told(batch, await remaining_seconds(studio, batch))
    return BatchDetail(**told, asked=batch.asked, skipped=batch.skipped, failures=tuple(failures))


def _told(batch: Batch, seconds: float) -> dict[str, Any]:
    return {
        "batch_id": batch.id,
        "name": batch.name,
        "status": batch.status,
        "progress": batch.progress,
        "lines": batch.lines,
        "jobs": batch.jobs,
        "counts": BatchCounts(**{status.value: share.jobs for status, share in batch.shares.items()}),
        "lines_skipped": batch.lines_skipped,
        "pictures": sum(share.pictures for share in batch.shares.values()),
        "estimated_time_seconds": round(seconds, 2),
        "compares": KEY in batch.asked,
        "owner": batch.owner,
        "created_at": batch.created_at,
    }

"""POST /regenerate, /like, /tweak, /finish: jobs that go on from finished pictures; and lineages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.jobs.jobs import JobId
from router.api.jobs.orders import ORDERS, Desk, DeskDep, told_of
from router.api.pictures.iterating_schemas import (
    FinishBody,
    LikeBody,
    LineageBody,
    RegenerateBody,
    TweakBody,
    lineage_body,
)
from router.api.repeats import RepeatableRoute
from router.api.schemas import JobAccepted
from router.iterating.lineage import trace, trace_picture
from router.iterating.orders import Order, check_model, finish, regenerate, tweak
from router.iterating.parents import Parent, find_job, find_picture
from router.iterating.relatives import drawn_seeds
from router.iterating.resemblance import resemble

routes = APIRouter(tags=["iterating"], route_class=RepeatableRoute)
lines = APIRouter(tags=["iterating"], responses=error_responses(404, 422))

Generations = Annotated[int, Query(ge=1, le=32, description="How far, each way")]


@routes.post("/regenerate", **ORDERS)
async def regenerate_job(body: RegenerateBody, desk: DeskDep) -> JobAccepted | Response:
    """More pictures of the same request, with seeds that neither it nor its other repetitions have drawn. Asset type,
    LoRAs and brand kit are those that are live, or the version that the request itself named."""
    parent = await find_job(desk.studio.store, desk.viewer, body.job_id)
    drawn = await drawn_seeds(desk.studio.store, desk.viewer, parent)
    most = desk.studio.installation.profile.limits.max_best_of
    return await _take(desk, parent, regenerate(parent, body, drawn, most), body)


@routes.post("/like", **ORDERS)
async def draw_like(body: LikeBody, desk: DeskDep) -> JobAccepted | Response:
    """More pictures like one: a note of the plan says in which way, and why."""
    parent = await find_picture(desk.studio.store, desk.viewer, body.asset_id)
    check_model(parent, desk.studio.installation)
    drawn = await drawn_seeds(desk.studio.store, desk.viewer, parent)
    return await _take(desk, parent, resemble(parent, body, drawn, desk.studio.installation), body)


@routes.post("/tweak", **ORDERS)
async def tweak_picture(body: TweakBody, desk: DeskDep) -> JobAccepted | Response:
    """The same picture with other words; all else is kept, the seed too."""
    parent = await find_picture(desk.studio.store, desk.viewer, body.asset_id)
    return await _take(desk, parent, tweak(parent, body), body)


@routes.post("/finish", **ORDERS)
async def finish_picture(body: FinishBody, desk: DeskDep) -> JobAccepted | Response:
    """Carry a draft to a better quality with the composition that it has: it is enlarged to what the model draws, and
    drawn over a little. How alike the two are is the score `likeness` of the new picture."""
    parent = await find_picture(desk.studio.store, desk.viewer, body.asset_id)
    return await _take(desk, parent, finish(parent, body), body)


@lines.get("/jobs/{job_id}/lineage")
async def read_lineage(
    request: Request, studio: StudioDep, viewer: ViewerDep, job_id: JobId, depth: Generations = 8
) -> LineageBody:
    """What a job comes from and what came of it, with the call that made each."""
    return lineage_body(request, await trace(studio.store, viewer, job_id, depth))


@lines.get("/assets/{asset_id}/lineage")
async def read_picture_lineage(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    asset_id: Annotated[str, Path(min_length=1, max_length=64)],
    depth: Generations = 8,
) -> LineageBody:
    """What a picture comes from and what came of it: a finished one, or an upload."""
    return lineage_body(request, await trace_picture(studio.store, viewer, asset_id, depth))


async def _take(
    desk: Desk, parent: Parent, order: Order, body: RegenerateBody | LikeBody | TweakBody | FinishBody
) -> JobAccepted | Response:
    check_model(parent, desk.studio.installation)
    with told_of(parent.name, parent.field, frozenset(type(body).model_fields)):
        return await desk.take(order.request, body.dry_run, order.going_on)

"""/images/{asset_id}/replay: a picture drawn again as its recipe has it; and the receipts of all that was."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import Field

from configs.errors import InvalidRequest
from configs.frozen import Frozen
from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.jobs.orders import ORDERS, DeskDep, told_of
from router.api.links import link
from router.api.pictures.images import AssetId
from router.api.pictures.iterating_schemas import DryRun
from router.api.repeats import RepeatableRoute
from router.api.schemas import JobAccepted
from router.iterating.parents import find_picture
from router.jobs.model import JobStatus
from router.replays.ordering import order_replay
from router.replays.reading import replays_of
from router.replays.receipt import Receipt

routes = APIRouter(tags=["iterating"], route_class=RepeatableRoute, responses=error_responses(404))
lines = APIRouter(tags=["iterating"], responses=error_responses(404, 422))


class DrawnAgainBody(DryRun):
    """A picture drawn again: there is nothing to say but whether to."""


class ReplayLine(Frozen):
    """A job that draws a picture again."""

    job_id: str
    status: JobStatus
    created_at: datetime
    url: str = Field(description="of the job")
    receipt: Receipt | None = Field(default=None, description="absent until it is done")


class ReplaysBody(Frozen):
    """Those of one picture, the newest first, 50 at most."""

    asset_id: str
    replays: tuple[ReplayLine, ...]


@routes.post("/images/{asset_id}/replay", **ORDERS)
async def replay_picture(asset_id: AssetId, desk: DeskDep, body: DrawnAgainBody) -> JobAccepted | Response:
    """Draw a picture again, all as it was settled then, and compare the two. The job ends with a receipt (`replay` of
    GET /jobs/{job_id}): identical, or by how much not, and what is different by now."""
    store = desk.studio.store
    place = (await store.asset(desk.viewer, asset_id)).place
    if place is None:
        raise InvalidRequest(
            f"picture {asset_id} was uploaded and not drawn here, so that it cannot be drawn again", "asset_id"
        )
    parent = await find_picture(store, desk.viewer, f"{place[0]}/{place[1]}")
    order = await order_replay(parent, desk.studio.library)
    with told_of(parent.name, parent.field, frozenset({"dry_run"})):
        return await desk.take(order.request, body.dry_run, order.going_on)


@lines.get("/images/{asset_id}/replays")
async def list_replays(request: Request, studio: StudioDep, viewer: ViewerDep, asset_id: AssetId) -> ReplaysBody:
    """How it came out whenever a picture was drawn again. Such jobs are in no other list."""
    found = await replays_of(studio.store, viewer, asset_id)
    return ReplaysBody(
        asset_id=asset_id,
        replays=tuple(
            ReplayLine(
                job_id=one.job.id,
                status=one.job.status,
                created_at=one.job.created_at,
                url=str(link(request, "read_job", job_id=one.job.id)),
                receipt=one.receipt,
            )
            for one in found
        ),
    )

"""POST /generate: accept a request as a job, or show the plan."""

from __future__ import annotations

from fastapi import APIRouter, Response

from router.api.jobs.orders import ORDERS, DeskDep
from router.api.repeats import RepeatableRoute
from router.api.schemas import GenerateBody, JobAccepted

routes = APIRouter(tags=["jobs"], route_class=RepeatableRoute)


@routes.post("/generate", **ORDERS)
async def generate(body: GenerateBody, desk: DeskDep) -> JobAccepted | Response:
    """Draw pictures. Answers at once with the job's id; follow GET /jobs/{id} or its events."""
    return await desk.take(body.order(), body.dry_run)

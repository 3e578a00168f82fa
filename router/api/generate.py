"""POST /generate: accept a request as a job, or show the plan."""

from __future__ import annotations

from fastapi import APIRouter, Response

from router.api.orders import ORDERS, DeskDep
from router.api.repeats import RepeatableRoute
from router.api.schemas import GenerateBody, JobAccepted
from router.job_request import JobRequest

routes = APIRouter(tags=["jobs"], route_class=RepeatableRoute)


@routes.post("/generate", **ORDERS)
async def generate(body: GenerateBody, desk: DeskDep) -> JobAccepted | Response:
    """Draw pictures. Answers at once with the job's id; follow GET /jobs/{id} or its events."""
    said = body.model_dump(exclude={"dry_run"}, exclude_unset=True)  # what stages leave open is for others to say
    return await desk.take(JobRequest.model_validate(said), body.dry_run)

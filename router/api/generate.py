"""POST /generate: accept a request as a job, or show the plan."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from router.api.bodies import accepted_body
from router.api.deps import ConductorDep, OwnerDep, StudioDep
from router.api.errors import error_responses
from router.api.repeats import REPLAYED, OrderKey, RepeatableRoute, answer_replay, job_location
from router.api.schemas import GenerateBody, JobAccepted, PlanAnswer
from router.job_request import JobRequest
from router.stage_table import lines_of
from router.submission import estimate, preview, submit

routes = APIRouter(tags=["jobs"], route_class=RepeatableRoute)

_ACCEPTED: dict[str, Any] = {
    "headers": {
        "Location": {"schema": {"type": "string"}, "description": "The path of the job"},
        REPLAYED: {"schema": {"enum": ["true"]}, "description": "The job was accepted before, with the same key"},
    }
}


@routes.post(
    "/generate",
    status_code=202,
    response_model=JobAccepted,
    responses={
        200: {"model": PlanAnswer, "description": "The plan (dry_run)"},
        202: _ACCEPTED,
        **error_responses(409, 413, 422, 429, 503),
    },
)
async def generate(
    body: GenerateBody,
    request: Request,
    response: Response,
    studio: StudioDep,
    conductor: ConductorDep,
    owner: OwnerDep,
    key: OrderKey,
) -> JobAccepted | Response:
    """Draw pictures. Answers at once with the job's id; follow GET /jobs/{id} or its events."""
    job_request = JobRequest(**body.model_dump(exclude={"dry_run"}))
    if body.dry_run:
        seen = await preview(studio, owner, job_request)
        answer = PlanAnswer(
            plan=seen.plan,
            pipeline=lines_of(seen.plan.stages),
            licence=seen.licence,
            estimated_time_seconds=round(seen.estimated_seconds, 2),
        )
        return Response(answer.model_dump_json(), media_type="application/json")
    accepted = await submit(studio, owner, job_request, key)
    if not accepted.is_new:
        return await answer_replay(request, accepted.job)
    conductor.wake()
    response.headers["Location"] = job_location(request, accepted.job.id)
    return accepted_body(accepted.job, await estimate(studio, accepted))

"""POST /generate: accept a wish as a job, or show the plan."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from router.api.deps import ConductorDep, OwnerDep, StudioDep
from router.api.errors import error_responses
from router.api.schemas import GenerateBody, JobAccepted, PlanAnswer
from router.submission import preview, submit
from router.wish import Wish

routes = APIRouter(tags=["jobs"])

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Same key, same body: the same job"),
]


@routes.post(
    "/generate",
    status_code=202,
    response_model=JobAccepted,
    responses={200: {"model": PlanAnswer, "description": "The plan (dry_run)"}, **error_responses(413, 422, 429)},
)
async def generate(
    body: GenerateBody,
    response: Response,
    studio: StudioDep,
    conductor: ConductorDep,
    owner: OwnerDep,
    idempotency_key: Key = None,
) -> JobAccepted | Response:
    """Draw pictures. Answers at once with the job's id; follow GET /jobs/{id} or its events."""
    wish = Wish(**body.model_dump(exclude={"dry_run"}))
    if body.dry_run:
        seen = await preview(studio, owner, wish)
        answer = PlanAnswer(
            plan=seen.plan, licence=seen.licence, estimated_time_seconds=round(seen.estimated_seconds, 2)
        )
        return Response(answer.model_dump_json(), media_type="application/json")
    job, seen = await submit(studio, owner, wish, idempotency_key)
    conductor.wake()
    response.headers["Location"] = f"/jobs/{job.id}"
    return JobAccepted(
        job_id=job.id,
        status=job.status,
        estimated_time_seconds=round(seen.estimated_seconds, 2),
        notes=job.plan.notes,
    )

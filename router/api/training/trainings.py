"""/trainings: LoRAs that are learned from datasets, as jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from configs.errors import InvalidRequest, NotFound
from router.api.deps import Before, ConductorDep, PrincipalDep, SpaceDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.library.licence_schemas import licence_body
from router.api.links import link
from router.api.pictures.uses import JudgingDep
from router.api.rate_limits import RATE_LIMIT_HEADERS, rate_limit_headers
from router.api.repeats import REPLAYED, OrderKey
from router.api.training.training_bodies import training_body
from router.api.training.training_schemas import (
    AdapterBody,
    AdoptionBody,
    TrainingBody,
    TrainingOrder,
    TrainingPlanBody,
    TrainingPlans,
    TrainingsAccepted,
    TrainingsPage,
)
from router.jobs.model import Job
from router.people.viewer import Viewer
from router.studio import Studio
from router.training.adoption import Adoption
from router.training.hearing import Choice
from router.training.planning import Planned
from router.training.record import RECORDED, Record
from router.training.request import TrainingRequest
from router.training.submission import preview, submit

routes = APIRouter(tags=["trainings"], responses=error_responses(404, 422))

TrainingId = Annotated[str, Path(min_length=1, max_length=64, description="The id of its job")]
_PICTURE, _FOREVER = "image/webp", "private, max-age=31536000, immutable"
_ACCEPTED: dict[str, Any] = {
    "headers": {
        **RATE_LIMIT_HEADERS,
        "Location": {"schema": {"type": "string"}, "description": "The path of the first"},
        REPLAYED: {"schema": {"enum": ["true"]}, "description": "Accepted before, with the same key"},
    }
}


@routes.post(
    "/trainings",
    status_code=202,
    response_model=TrainingsAccepted,
    responses={
        200: {"model": TrainingPlans, "description": "What would be learned (dry_run)"},
        202: _ACCEPTED,
        **error_responses(409, 413, 429, 503),
    },
)
async def begin_training(
    request: Request,
    response: Response,
    studio: StudioDep,
    conductor: ConductorDep,
    viewer: ViewerDep,
    key: OrderKey,
    body: TrainingOrder,
) -> TrainingsAccepted | Response:
    """Learn a LoRA from a dataset. Answers at once; what comes out is a candidate in the library."""
    said = body.model_dump(mode="json", exclude={"dry_run", "sketch"}, exclude_unset=True)
    asked = TrainingRequest.model_validate(said)
    if body.dry_run:
        plans = await _show(studio, await preview(studio, asked, body.sketch))
        return Response(plans.model_dump_json(), media_type="application/json")
    if body.sketch is not None:
        raise InvalidRequest("a sketch is for a dry run: make the dataset to learn from it", "sketch")
    accepted = await submit(studio, viewer, asked, said, key)
    if accepted.is_new:
        conductor.wake()
        response.headers.update(rate_limit_headers(accepted.quotas))
    else:
        response.headers[REPLAYED] = "true"
    response.headers["Location"] = link(request, "read_training", training_id=accepted.jobs[0].id).path
    return TrainingsAccepted(trainings=tuple([await _told(studio, job) for job in accepted.jobs]))


@routes.get("/trainings", responses=error_responses(403))
async def list_trainings(
    studio: StudioDep,
    viewer: ViewerDep,
    space: SpaceDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Before = None,
) -> TrainingsPage:
    """Your trainings, or those of a space, newest first."""
    jobs = await studio.store.jobs(viewer, limit, before, None, space, "train")
    page = tuple([await _told(studio, job, brief=True) for job in jobs if job.readable_training is not None])
    return TrainingsPage(trainings=page, next=jobs[-1].id if len(jobs) == limit else None)


@routes.get("/trainings/{training_id}")
async def read_training(studio: StudioDep, viewer: ViewerDep, training_id: TrainingId) -> TrainingBody:
    """A training as it stands, with its losses and checkpoints."""
    return await _told(studio, await _training(studio, viewer, training_id))


@routes.delete("/trainings/{training_id}")
async def cancel_training(
    studio: StudioDep, conductor: ConductorDep, viewer: ViewerDep, training_id: TrainingId
) -> TrainingBody:
    """Cancel: one that waits at once, one that learns before its next step. Its checkpoints are kept."""
    await _training(studio, viewer, training_id)
    job = await studio.store.request_cancel(viewer, training_id)
    conductor.cancel(training_id)
    return await _told(studio, job)


@routes.get(
    "/trainings/{training_id}/pictures/{sha256}",
    response_class=Response,
    responses={200: {"content": {_PICTURE: {}}}, **error_responses(403, 503)},
)
async def read_training_picture(
    studio: StudioDep,
    viewer: ViewerDep,
    _: JudgingDep,
    training_id: TrainingId,
    sha256: Annotated[str, Path(max_length=64)],
) -> Response:
    """A sample of a training, or the sheet on which its checkpoints were compared, by its hash; WebP."""
    record = await _record(studio, await _training(studio, viewer, training_id))
    if sha256 not in record.pictures:
        raise NotFound(f"training {training_id} has drawn no such picture: `samples` and `judgement.sheet` name them")
    return Response(await studio.blobs.get(sha256), media_type=_PICTURE, headers={"Cache-Control": _FOREVER})


@routes.post("/trainings/{training_id}/adopt", status_code=201, responses=error_responses(409, 503))
async def adopt_checkpoint(
    studio: StudioDep, viewer: ViewerDep, principal: PrincipalDep, training_id: TrainingId, body: AdoptionBody
) -> AdapterBody:
    """Take another checkpoint into the library than the one that was recommended, as a version of the LoRA."""
    job = await _training(studio, viewer, training_id)
    viewer.check_change(job, f"training {job.id}")
    record = await _record(studio, job)
    kept = record.checkpoints.get(body.step)
    if kept is None:
        steps = tuple(map(str, record.checkpoints))
        message = f"nothing was kept after step {body.step}; there is {', '.join(steps) or 'no checkpoint'}"
        raise InvalidRequest(message, "step", steps)
    adoption = Adoption(studio, job, principal.id, studio.audit.sign(principal))
    adopted = await adoption.take(Choice(kept.step, kept.adapter, body.strength), body.mark)
    return AdapterBody(**adopted.told())


async def _training(studio: Studio, viewer: Viewer, job_id: str) -> Job:
    """Raises `NotFound` for what is no training, too."""
    job = await studio.store.job(viewer, job_id)
    if job.readable_training is None:
        raise NotFound(f"There is no training {job_id}")
    return job


async def _record(studio: Studio, job: Job) -> Record:
    return Record.read(await studio.store.log(job.id, *RECORDED))


async def _told(studio: Studio, job: Job, brief: bool = False) -> TrainingBody:
    return training_body(studio, job, await _record(studio, job), brief)


async def _show(studio: Studio, planned: tuple[Planned, ...]) -> TrainingPlans:
    catalog = studio.installation.catalog
    seconds = sum(one.plan.estimated_seconds for one in planned)
    window, now = planned[0].plan.window, datetime.now(UTC)
    waiting = 0.0 if window is None else window.seconds_to_open(now)
    return TrainingPlans(
        trainings=tuple(
            TrainingPlanBody(
                dataset=f"{one.plan.dataset.id}@{one.plan.dataset.version}",
                model=one.plan.model,
                lora=one.plan.lora,
                trigger=one.plan.trigger,
                pictures=len(one.plan.pictures),
                settings=one.plan.settings,
                licence=licence_body(one.licence, catalog),
                estimate=one.plan.estimate,
                notes=one.plan.notes,
            )
            for one in planned
        ),
        estimated_time_seconds=round(seconds, 1),
        finish=now + timedelta(seconds=waiting + seconds),
    )

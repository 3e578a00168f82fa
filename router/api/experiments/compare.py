"""/compare: models, or any ways of drawing, side by side on the spot, named or blind."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from configs.errors import LicenceRestricted
from router.api.deps import ConductorDep, PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.experiments.compare_schemas import (
    CompareAccepted,
    ComparePlan,
    ComparisonBody,
    SidePickBody,
    comparison_body,
    labels_of,
)
from router.api.links import link
from router.api.pictures.uses import ONLY_JUDGED, JudgingDep, WantedDep
from router.api.rate_limits import RATE_LIMIT_HEADERS, rate_limit_headers
from router.api.repeats import REPLAYED, Key
from router.batches.submission import draft_batch, submit_batch
from router.experiments.ballots.pictures import MEDIA_TYPE
from router.experiments.comparisons.ordering import CompareOrder, read_order
from router.experiments.comparisons.reading import read_comparison
from router.experiments.comparisons.showing import draw_blind, lay_out_sides, pick, unveil
from router.grids import GridFormat, draw_sheet
from router.licences.holding import hold_jobs
from router.licences.uses import of_job
from router.people.principal import Principal
from router.people.viewer import Viewer
from router.studio import Studio

routes = APIRouter(prefix="/compare", tags=["compare"])

ComparisonId = Annotated[str, Path(min_length=1, max_length=64)]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": ComparePlan, "description": "What would be drawn (dry_run)"},
    202: {
        "headers": {
            **RATE_LIMIT_HEADERS,
            REPLAYED: {"schema": {"enum": ["true"]}, "description": "The same key came before"},
        }
    },
    **error_responses(404, 409, 413, 422, 429, 503),
}


@routes.post("", status_code=202, response_model=CompareAccepted, responses=_ANSWERS)
async def compare(
    request: Request,
    response: Response,
    studio: StudioDep,
    conductor: ConductorDep,
    viewer: ViewerDep,
    body: CompareOrder,
    key: Key = None,
) -> CompareAccepted | Response:
    """Draw a prompt, or a prompt set, with several models or in several ways, with the same seeds for each.

    It is a batch, followed, canceled and fetched as one; GET /compare/{id} has its pictures side by side.
    """
    order = await read_order(studio, body)
    if body.dry_run:
        drafted = await draft_batch(studio, viewer, order)
        waiting = await studio.store.backlog(viewer.owner, in_batch=True)
        plan = ComparePlan(
            prompts=len(order.told["compare"]["prompts"]),
            ways=tuple(way.id for way in order.ways),
            pictures=drafted.pictures,
            estimated_time_seconds=round(waiting.seconds + drafted.seconds, 2),
        )
        return JSONResponse(plan.model_dump(mode="json"))
    submitted = await submit_batch(studio, viewer, order, key)
    conductor.wake()
    comparison = await read_comparison(studio, viewer, submitted.batch.id)
    response.headers["Location"] = link(request, "read_compared", comparison_id=submitted.batch.id).path
    response.headers.update(rate_limit_headers(submitted.quotas))
    if not submitted.is_new:
        response.headers[REPLAYED] = "true"
    return CompareAccepted(
        comparison_id=submitted.batch.id,
        prompts=len(comparison.rows),
        pictures=submitted.batch.jobs,
        labels=labels_of(comparison),
        estimated_time_seconds=round(submitted.estimated_seconds, 2),
    )


@routes.get("/{comparison_id}", responses=error_responses(404, 422))
async def read_compared(
    request: Request, studio: StudioDep, viewer: ViewerDep, principal: PrincipalDep, comparison_id: ComparisonId
) -> ComparisonBody:
    """The pictures of each prompt side by side. Blind, sides are letters in an order of their own for each prompt, and
    are named once every prompt has been judged."""
    return await _shown(request, studio, viewer, principal, comparison_id)


@routes.post("/{comparison_id}/pick", responses=error_responses(404, 409, 422))
async def pick_side(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    principal: PrincipalDep,
    comparison_id: ComparisonId,
    body: SidePickBody,
) -> ComparisonBody:
    """Say which side of a prompt is best. It may be said anew until a blind comparison is revealed."""
    comparison = await read_comparison(studio, viewer, comparison_id)
    viewer.check_change(comparison.batch, f"comparison {comparison_id}")
    await pick(studio, comparison, body.prompt, body.choice)
    return await _shown(request, studio, viewer, principal, comparison_id)


async def _shown(
    request: Request, studio: Studio, viewer: Viewer, principal: Principal, comparison_id: str
) -> ComparisonBody:
    comparison = await read_comparison(studio, viewer, comparison_id)
    await unveil(studio, comparison)
    if comparison.revealed:
        held = await hold_jobs(studio.licences, studio.installation.catalog, principal, comparison.jobs)
        comparison = comparison.with_jobs(held)
    return comparison_body(request, comparison)


@routes.get(
    "/{comparison_id}/pictures/{prompt}/{letter}/{place}",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}, **error_responses(403, 404, 409, 422)},
)
async def read_blind_picture(
    studio: StudioDep,
    viewer: ViewerDep,
    _: JudgingDep,
    comparison_id: ComparisonId,
    prompt: Annotated[int, Path(ge=0, le=100_000)],
    letter: Annotated[str, Path(min_length=1, max_length=1)],
    place: Annotated[int, Path(ge=0, le=100, description="of the seed, from 0")],
) -> Response:
    """A picture of a side as nothing but pixels: drawn anew, of the same size and number of bytes as those beside."""
    comparison = await read_comparison(studio, viewer, comparison_id)
    file = await draw_blind(studio.blobs, comparison, prompt, letter, place)
    return Response(file, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, no-store"})


@routes.get(
    "/{comparison_id}/sheet",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, **error_responses(403, 404, 422)},
)
async def read_compared_sheet(
    studio: StudioDep,
    viewer: ViewerDep,
    comparison_id: ComparisonId,
    wanted: WantedDep,
    format: GridFormat = "png",
    page: Annotated[int, Query(ge=1, le=1000, description="From 1; a sheet has 100 pictures at most")] = 1,
) -> Response:
    """A comparison on one sheet: a row for each seed of a prompt, a column for each side, with its label."""
    comparison = await read_comparison(studio, viewer, comparison_id)
    if comparison.revealed:
        await wanted.check(of_job(job, image) for job in comparison.jobs for image in job.images)
    elif wanted.use == "product":
        raise LicenceRestricted(ONLY_JUDGED, "use", ("reference", "internal"))
    file = await draw_sheet(studio.replicas, lay_out_sides(comparison, format, page))
    headers = {"Cache-Control": "private, no-cache"}
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)

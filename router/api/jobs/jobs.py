"""/jobs: read, list, cancel, download."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from configs.errors import InvalidRequest, NotFound
from configs.formats import MEDIA_TYPES, Format
from configs.text import quoted
from router.api.bodies import image_body, job_body
from router.api.deps import Before, ConductorDep, PrincipalDep, SpaceDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.pictures.uses import WantedDep
from router.api.schemas import ImagesBody, JobBody, JobsPage
from router.candidates import CANDIDATE_EVENTS, Candidate, read_candidates
from router.experiments.comparisons.reading import check_revealed
from router.grids import GridFormat, draw_sheet, lay_out
from router.jobs.model import Job, StoredFile
from router.licences.holding import hold_jobs
from router.licences.uses import of_job
from router.live import Holdup
from router.remaining import waiting_seconds
from router.replays.reading import receipt_of
from router.sorting import sort_by
from router.studio import Studio

routes = APIRouter(tags=["jobs"], responses=error_responses(404, 422))

JobId = Annotated[str, Path(min_length=1, max_length=64)]
Sort = Annotated[
    str | None, Query(max_length=64, description="A score of its pictures, such as fidelity: the best first")
]
_FOREVER = "private, max-age=31536000, immutable"
_SVG_CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@routes.get("/jobs", responses=error_responses(403))
async def list_jobs(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    principal: PrincipalDep,
    space: SpaceDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Before = None,
    batch: Annotated[str | None, Query(min_length=1, max_length=64, description="Only those of this batch")] = None,
) -> JobsPage:
    """Your jobs, or those of a space, newest first. Those of comparisons are in none of these lists but that of their
    batch, and there not before a blind one has named its sides."""
    if batch is not None:
        with suppress(NotFound):
            await check_revealed(studio, viewer, await studio.batches.batch(viewer, batch))
    jobs = await studio.store.jobs(viewer, limit, before, batch, space)
    held = await hold_jobs(studio.licences, studio.installation.catalog, principal, jobs)
    page = tuple(job_body(request, job, holdup=_holdup(studio, job)) for job in held)
    return JobsPage(jobs=page, next=jobs[-1].id if len(jobs) == limit else None)


@routes.get("/jobs/{job_id}")
async def read_job(
    request: Request, studio: StudioDep, viewer: ViewerDep, principal: PrincipalDep, job_id: JobId
) -> JobBody:
    """A job as it stands, with its pictures so far."""
    job = await studio.store.job(viewer, job_id)
    waiting, candidates = await waiting_seconds(studio, job), await _candidates(studio, job)
    (held,) = await hold_jobs(studio.licences, studio.installation.catalog, principal, [job])
    receipt = await receipt_of(studio.store, job)
    return job_body(request, held, waiting, _holdup(studio, job), candidates, receipt)


@routes.get("/jobs/{job_id}/images")
async def list_images(
    request: Request, studio: StudioDep, viewer: ViewerDep, principal: PrincipalDep, job_id: JobId, sort: Sort = None
) -> ImagesBody:
    """The pictures of a job that are finished so far."""
    job = await studio.store.job(viewer, job_id)
    (held,) = await hold_jobs(studio.licences, studio.installation.catalog, principal, [job])
    images = sort_by(held.images, sort)
    return ImagesBody(job_id=job.id, images=tuple(image_body(request, job.id, image) for image in images))


@routes.get(
    "/jobs/{job_id}/grid",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, **error_responses(304, 403, 503)},
)
async def read_grid(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    job_id: JobId,
    wanted: WantedDep,
    format: GridFormat = "png",
    sort: Sort = None,
) -> Response:
    """The pictures of a job that are finished so far, side by side, each with its seed, model and scores."""
    job = await studio.store.job(viewer, job_id)
    await wanted.check(of_job(job, image) for image in job.images)
    file = await draw_sheet(studio.replicas, lay_out(job, format, sort))
    headers = {"ETag": f'"{file.sha256}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)


@routes.get(
    "/jobs/{job_id}/images/{index}.{format}",
    name="download",
    response_class=Response,
    responses={
        200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()}},
        307: {
            "description": "The file is at `Location`, which works for some minutes",
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **error_responses(304, 403, 503),
    },
)
async def download(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    job_id: JobId,
    index: Annotated[int, Path(ge=0)],
    format: Format,
    wanted: WantedDep,
    size: Annotated[
        str | None, Query(max_length=16, description="WIDTHxHEIGHT of a further size; the picture's own if absent")
    ] = None,
    download: Annotated[bool, Query(description="Suggest a file name to save under")] = False,
    direct: Annotated[
        bool,
        Query(
            description="Answer 307 with a link to the file store itself, which works for some minutes for whoever "
            "has it; where the profile's `direct_links` allow it"
        ),
    ] = False,
) -> Response:
    """One file of a picture, with its recipe and AI marking inside."""
    job = await studio.store.job(viewer, job_id)
    image = next((one for one in job.images if one.index == index), None)
    rendition = format if size is None else f"{format}@{size}"
    file = next((one for one in image.files if one.rendition == rendition), None) if image else None
    if image is None or file is None:
        raise NotFound(f"job {job_id} has no picture {index} as {format}{f' of {quoted(size)}' if size else ''}")
    await wanted.check([of_job(job, image)])
    await studio.experiments.expose(job)
    kind = "picture" if job.readable_plan is None else job.readable_plan.asset_type
    name = f"{kind}-{image.seed}{'' if file.size is None else f'-{file.size}'}.{format}"
    if direct:
        return await _redirect(studio, file, name)
    headers = {"ETag": f'"{file.sha256}"', "Cache-Control": _FOREVER}
    if format == "svg":
        headers["Content-Security-Policy"] = _SVG_CSP
    if download:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await studio.blobs.get(file.sha256), media_type=file.media_type, headers=headers)


async def _redirect(studio: Studio, file: StoredFile, name: str) -> Response:
    """To the file store. Raises `InvalidRequest` where the studio makes no such links."""
    links = studio.direct_links
    if links is None:
        raise InvalidRequest("this studio hands its files out itself: ask without 'direct'", "direct")
    url = await asyncio.to_thread(links.link, file.sha256, file.media_type, name)
    return Response(status_code=307, headers={"Location": url, "Cache-Control": "no-store"})


@routes.delete("/jobs/{job_id}")
async def cancel_job(
    request: Request, studio: StudioDep, conductor: ConductorDep, viewer: ViewerDep, job_id: JobId
) -> JobBody:
    """Cancel: a waiting job at once, a running one within two steps. Finished pictures are kept."""
    job = await studio.store.request_cancel(viewer, job_id)
    conductor.cancel(job_id)
    return job_body(request, job)


async def _candidates(studio: Studio, job: Job) -> tuple[Candidate, ...]:
    """What a job's pictures are chosen from, where they are."""
    if job.readable_plan is None or job.readable_plan.choice is None:
        return ()
    return read_candidates(await studio.store.log(job.id, *CANDIDATE_EVENTS))


def _holdup(studio: Studio, job: Job) -> Holdup | None:
    """What a job waits for, where it is known. One of which nothing is told yet, in the queue or just leased, waits for
    both stores too: none is drawn before."""
    outage = studio.outage
    if outage is not None and not job.status.ended and not studio.live.tells_of(job.id):
        return Holdup(f"waiting: {outage.reason}", 0.0)
    return studio.live.holdup(job.id)

"""From stored jobs to the bodies that the API answers with."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from configs.inputs import InputImage
from configs.schema import Size
from deployments.stages.base import StoredImage
from router.api.deps import studio_of
from router.api.library.licence_schemas import licence_body
from router.api.links import link
from router.api.schemas import CandidateBody, CostBody, FileLink, ImageBody, InputBody, JobAccepted, JobBody, LoraUse
from router.candidates import Candidate
from router.capacity.cost import cost_of_job
from router.jobs.model import ImageRecord, Job, StoredFile
from router.live import Holdup
from router.notes import Note
from router.pictures.names import finished_place, pixels_of
from router.plan import Plan
from router.remaining import remaining_seconds
from router.replays.receipt import Receipt


def accepted_body(job: Job, seconds: float) -> JobAccepted:
    """A job that was accepted, now or before, and still takes `seconds`."""
    notes = () if job.readable_plan is None else job.readable_plan.notes
    return JobAccepted(job_id=job.id, status=job.status, estimated_time_seconds=round(seconds, 2), notes=notes)


def image_body(request: Request, job_id: str, image: ImageRecord) -> ImageBody:
    """A picture with absolute links to its files."""
    files = tuple(
        FileLink(
            format=file.format,
            media_type=file.media_type,
            url=_file_url(request, job_id, image.index, file),
            size_bytes=file.size_bytes,
            size=file.size,
        )
        for file in image.files
    )
    shown = pixels_of(image.files) or next(iter(image.files), None)
    return ImageBody(
        asset_id=image.asset_id,
        index=image.index,
        url="" if shown is None else _file_url(request, job_id, image.index, shown),
        seed=image.seed,
        width=image.width,
        height=image.height,
        files=files,
        licence=licence_body(image.licence, studio_of(request).installation.catalog),
        notes=image.notes,
        scores=image.scores,
    )


def _file_url(request: Request, job_id: str, index: int, file: StoredFile) -> str:
    url = link(request, "download", job_id=job_id, index=index, format=file.format)
    return str(url if file.size is None else url.include_query_params(size=file.size))


def input_body(request: Request, given: InputImage[StoredImage]) -> InputBody:
    """A picture that a job starts from, with an absolute link to it."""
    name, format = given.image.picture, given.image.format
    place = finished_place(name)
    if place is None:
        url = link(request, "picture", picture_id=name)
    else:
        url = link(request, "download", job_id=place[0], index=place[1], format=format)
    return InputBody(role=given.role, picture=name, url=str(url), **given.told())


def candidate_body(candidate: Candidate) -> CandidateBody:
    """A drawing that was scored."""
    return CandidateBody(
        candidate=candidate.number, seed=candidate.seed, scores=dict(candidate.scores), index=candidate.chosen
    )


def job_body(
    request: Request,
    job: Job,
    waiting_seconds: float = 0.0,
    holdup: Holdup | None = None,
    candidates: tuple[Candidate, ...] = (),
    receipt: Receipt | None = None,
) -> JobBody:
    """A job; `waiting_seconds` is the work ahead of it, `holdup` what it waits for though it has begun, `candidates`
    are what its pictures are chosen from, and `receipt` is that of a replay."""
    if job.status.ended:
        holdup = None
    plan = job.readable_plan
    ordered = _ordered(job) if plan is None else _planned(request, plan)
    return JobBody(
        job_id=job.id,
        kind=job.kind,
        status=job.status,
        state_detail=None if holdup is None else holdup.detail,
        progress=job.progress,
        images_completed=len(job.images),
        images_total=ordered.pictures,
        seeds=ordered.seeds,
        size=ordered.size,
        estimated_time_seconds=round(remaining_seconds(job, waiting_seconds, holdup), 2),
        images=tuple(image_body(request, job.id, image) for image in job.images),
        candidates=tuple(candidate_body(one) for one in candidates),
        replay=receipt,
        prompt=ordered.prompt,
        private=ordered.private,
        asset_type=ordered.asset_type,
        model=ordered.model,
        quality=ordered.quality,
        loras=ordered.loras,
        inputs=ordered.inputs,
        strength=ordered.strength,
        deadline_seconds=ordered.deadline_seconds,
        notes=ordered.notes,
        owner=job.owner,
        licence=licence_body(job.licence, studio_of(request).installation.catalog),
        error=job.failure,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        batch_id=job.batch or None,
        line=job.line or None,
        cost=_cost(request, job),
    )


def _cost(request: Request, job: Job) -> CostBody | None:
    cost = cost_of_job(job, studio_of(request).installation)
    return None if cost is None else CostBody(amount=round(cost.amount, 6), currency=cost.currency)


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What a job's body tells of its plan."""

    prompt: str
    asset_type: str
    model: str
    quality: str
    seeds: tuple[int, ...]
    pictures: int
    private: bool = False
    size: Size | None = None
    loras: tuple[LoraUse, ...] = ()
    inputs: tuple[InputBody, ...] = ()
    strength: float | None = None
    deadline_seconds: float | None = None
    notes: tuple[Note, ...] = ()


def _planned(request: Request, plan: Plan) -> _Ordered:
    return _Ordered(
        prompt=plan.prompt,
        asset_type=plan.asset_type,
        model=plan.base.model,
        quality=plan.quality,
        seeds=plan.seeds,
        pictures=plan.pictures,
        private=plan.private,
        size=plan.size,
        loras=tuple(
            LoraUse(id=one.lora, version=plan.version_of(one), strength=one.strength) for one in plan.base.all_loras
        ),
        inputs=tuple(input_body(request, one) for one in plan.base.inputs),
        strength=plan.base.strength,
        deadline_seconds=plan.deadline_seconds,
        notes=plan.notes,
    )


def _ordered(job: Job) -> _Ordered:
    """Of a plan that this release cannot read, as much as the request and the pictures say."""

    def said(field: str) -> str:
        return str(job.request.get(field) or "")

    seeds = tuple(image.seed for image in job.images)
    private = job.request.get("private") is True
    return _Ordered(said("prompt"), said("asset_type"), said("model"), said("quality"), seeds, len(seeds), private)

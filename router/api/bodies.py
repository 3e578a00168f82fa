"""From stored jobs to the bodies that the API answers with."""

from __future__ import annotations

from fastapi import Request

from router.api.schemas import FileLink, ImageBody, InputBody, JobAccepted, JobBody, LoraUse
from router.jobs.model import ImageRecord, Job
from router.live import Holdup
from router.pictures.names import finished_place
from router.plan import InputPicture
from router.remaining import remaining_seconds


def accepted_body(job: Job, seconds: float) -> JobAccepted:
    """A job that was accepted, now or before, and still takes `seconds`."""
    return JobAccepted(job_id=job.id, status=job.status, estimated_time_seconds=round(seconds, 2), notes=job.plan.notes)


def image_body(request: Request, job_id: str, image: ImageRecord) -> ImageBody:
    """A picture with absolute links to its files."""
    files = tuple(
        FileLink(
            format=file.format,
            media_type=file.media_type,
            url=str(request.url_for("download", job_id=job_id, index=image.index, format=file.format)),
            size_bytes=file.size_bytes,
        )
        for file in image.files
    )
    return ImageBody(
        index=image.index,
        url=files[0].url,
        seed=image.seed,
        width=image.width,
        height=image.height,
        files=files,
        licence=image.licence,
        notes=image.notes,
    )


def input_body(request: Request, picture: InputPicture) -> InputBody:
    """A picture that a job starts from, with an absolute link to it."""
    place = finished_place(picture.picture)
    if place is None:
        url = request.url_for("picture", picture_id=picture.picture)
    else:
        url = request.url_for("download", job_id=place[0], index=place[1], format=picture.format)
    return InputBody(
        role=picture.role,
        picture=picture.picture,
        url=str(url),
        kind=picture.kind,
        scale=picture.scale,
        start=picture.start,
        end=picture.end,
    )


def job_body(request: Request, job: Job, waiting_seconds: float = 0.0, holdup: Holdup | None = None) -> JobBody:
    """A job; `waiting_seconds` is the work ahead of it, `holdup` what it waits for though it has begun."""
    if job.status.ended:
        holdup = None
    return JobBody(
        job_id=job.id,
        status=job.status,
        state_detail=None if holdup is None else holdup.detail,
        progress=job.progress,
        images_completed=len(job.images),
        images_total=len(job.plan.seeds),
        seeds=job.plan.seeds,
        size=job.plan.finish.size,
        estimated_time_seconds=round(remaining_seconds(job, waiting_seconds, holdup), 2),
        images=tuple(image_body(request, job.id, image) for image in job.images),
        prompt=job.plan.prompt,
        asset_type=job.plan.asset_type,
        model=job.plan.base.model,
        quality=job.plan.quality,
        loras=tuple(LoraUse(id=one.lora, strength=one.strength) for one in job.plan.base.all_loras),
        inputs=tuple(input_body(request, one) for one in job.plan.base.pictures),
        strength=job.plan.base.strength,
        deadline_seconds=job.plan.deadline_seconds,
        notes=job.plan.notes,
        owner=job.owner,
        licence=job.licence,
        error=job.failure,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )

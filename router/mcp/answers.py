"""What tools answer: jobs and pictures as the API tells them, cut down to what an agent goes on with."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from configs.frozen import Frozen
from router.api.library.licence_schemas import LicenceBody
from router.api.pictures.image_schemas import FoundImage
from router.api.schemas import FileLink, ImageBody, JobBody

ENDED = ("complete", "failed", "canceled")


class Licence(Frozen):
    """What a picture may be used for: for each purpose allowed, conditional or refused."""

    reference: str
    internal: str
    product: str
    licences: tuple[str, ...]
    reasons: tuple[str, ...] = Field(default=(), description="why not for more")


class File(Frozen):
    """One file of a picture; its URL is answered to who shows the same token as here."""

    format: str
    url: str
    size: str | None = Field(default=None, description="WIDTHxHEIGHT of a further size")


class Picture(Frozen):
    """A picture, drawn or uploaded."""

    asset_id: str = Field(description="names it: what get_image takes, and generate as `image`")
    url: str
    width: int
    height: int
    seed: int | None = None
    prompt: str | None = None
    model: str | None = None
    asset_type: str | None = None
    quality: str | None = None
    created_at: datetime | None = None
    job_id: str | None = None
    tags: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    licence: Licence | None = None
    notes: tuple[str, ...] = ()


class Drawing(Frozen):
    """A job and its pictures as they stand."""

    job_id: str
    status: str = Field(description="queued, processing, complete, failed or canceled")
    progress: float = Field(description="0 to 1")
    pictures_total: int
    pictures: tuple[Picture, ...] = Field(description="those that are finished")
    estimated_time_seconds: float = Field(description="that remain")
    prompt: str = ""
    model: str = ""
    asset_type: str = ""
    quality: str = ""
    state_detail: str | None = Field(default=None, description="what it waits for")
    notes: tuple[str, ...] = Field(default=(), description="what to know of how it is drawn")
    error: str | None = None
    next: str | None = Field(default=None, description="what to do now")


def licence(body: LicenceBody | None) -> Licence | None:
    """None where nobody has judged it."""
    if body is None:
        return None
    return Licence(
        reference=body.reference,
        internal=body.internal,
        product=body.product,
        licences=body.licences,
        reasons=body.reasons,
    )


def drawn(image: ImageBody, job_id: str) -> Picture:
    """A picture of a job."""
    return Picture(
        asset_id=image.asset_id or f"{job_id}/{image.index}",
        url=image.url,
        width=image.width,
        height=image.height,
        seed=image.seed,
        job_id=job_id,
        files=_files(image.files),
        licence=licence(image.licence),
        notes=image.notes,
    )


def found(image: FoundImage) -> Picture:
    """A picture that was searched for."""
    return Picture(
        asset_id=image.asset_id,
        url=image.url,
        width=image.width,
        height=image.height,
        seed=image.seed,
        prompt=image.prompt or None,
        model=image.model or None,
        asset_type=image.asset_type or None,
        quality=image.quality or None,
        created_at=image.created_at,
        job_id=image.job_id,
        tags=image.tags,
        files=_files(image.files),
        licence=licence(image.licence),
        notes=image.notes,
    )


def drawing(job: JobBody) -> Drawing:
    """A job."""
    return Drawing(
        job_id=job.job_id,
        status=job.status,
        progress=job.progress,
        pictures_total=job.images_total,
        pictures=tuple(drawn(image, job.job_id) for image in job.images),
        estimated_time_seconds=job.estimated_time_seconds,
        prompt=job.prompt,
        model=job.model,
        asset_type=job.asset_type,
        quality=job.quality,
        state_detail=job.state_detail,
        notes=tuple(note.message for note in job.notes),
        error=None if job.error is None else job.error.message,
        next=None if job.status in ENDED else f"call get_job with job_id {job.job_id} to wait on",
    )


def _files(links: tuple[FileLink, ...]) -> tuple[File, ...]:
    return tuple(
        File(format=one.format, url=one.url, size=None if one.size is None else str(one.size)) for one in links
    )

"""Rows to the job vocabulary and back: the one place that knows how a value is written in a column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias

from pydantic import TypeAdapter
from sqlalchemy import Row

from router.jobs.model import (
    EventType,
    ImageRecord,
    Job,
    JobEvent,
    JobFailure,
    JobStatus,
    LicenceVerdict,
    NewJob,
    StoredFile,
    UploadedPicture,
)
from router.plan import Plan

AnyRow: TypeAlias = Row[*tuple[Any, ...]]

_FILES = TypeAdapter(tuple[StoredFile, ...])
_NOTES = TypeAdapter(tuple[str, ...])
_SECONDS = TypeAdapter(dict[str, float])


def write_json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def new_job_row(job: NewJob, now: datetime) -> dict[str, Any]:
    """Parameters that insert an accepted job; its first event has number 1."""
    return {
        "id": job.id,
        "owner": job.owner,
        "status": JobStatus.QUEUED.value,
        "request": write_json(job.request),
        "plan": job.plan.model_dump_json(),
        "licence": job.licence.model_dump_json(),
        "estimated_seconds": job.plan.estimated_seconds,
        "last_seq": 1,
        "created_at": now,
    }


def drawing_row(job_id: str, plan: Plan) -> dict[str, Any]:
    """Parameters that say what drawing an accepted job takes."""
    base, pictures = plan.base, len(plan.seeds)
    return {
        "job_id": job_id,
        "deployment": base.deployment,
        "pictures": pictures,
        "seconds": base.estimated_seconds * pictures,
    }


def accepted_job(job: NewJob, now: datetime) -> Job:
    """The job that `new_job_row` has written, without reading it back."""
    return Job(
        id=job.id,
        owner=job.owner,
        status=JobStatus.QUEUED,
        request=job.request,
        plan=job.plan,
        licence=job.licence,
        progress=0.0,
        images=(),
        attempt=0,
        cancel_requested=False,
        failure=None,
        created_at=now,
        started_at=None,
        ended_at=None,
    )


def image_row(job_id: str, seq: int, image: ImageRecord) -> dict[str, Any]:
    """Parameters that insert a picture; `seq` is the number of its event."""
    return {
        "job_id": job_id,
        "idx": image.index,
        "seq": seq,
        "seed": image.seed,
        "width": image.width,
        "height": image.height,
        "files": _FILES.dump_json(image.files).decode(),
        "licence": image.licence.model_dump_json(),
        "notes": _NOTES.dump_json(image.notes).decode(),
        "seconds": _SECONDS.dump_json(image.seconds).decode(),
    }


def picture_row(picture: UploadedPicture, now: datetime) -> dict[str, Any]:
    return asdict(picture) | {"created_at": now}


def read_picture(row: AnyRow) -> UploadedPicture:
    return UploadedPicture(row.id, row.owner, row.sha256, row.width, row.height, row.size_bytes)


def event_row(event: JobEvent) -> dict[str, Any]:
    return {
        "job_id": event.job_id,
        "seq": event.seq,
        "type": event.type.value,
        "payload": write_json(event.payload),
        "at": event.at,
    }


def read_event(job_id: str, row: AnyRow) -> JobEvent:
    return JobEvent(job_id, row.seq, EventType(row.type), json.loads(row.payload), row.at)


def read_image(row: AnyRow) -> ImageRecord:
    return ImageRecord(
        index=row.idx,
        seed=row.seed,
        width=row.width,
        height=row.height,
        files=_FILES.validate_json(row.files),
        licence=LicenceVerdict.model_validate_json(row.image_licence),
        notes=_NOTES.validate_json(row.notes),
        seconds=_SECONDS.validate_json(row.seconds),
    )


def read_job(row: AnyRow, images: Iterable[AnyRow]) -> Job:
    """A job from a row with its columns and the rows of its pictures, in order."""
    return Job(
        id=row.id,
        owner=row.owner,
        status=JobStatus(row.status),
        request=json.loads(row.request),
        plan=Plan.model_validate_json(row.plan),
        licence=LicenceVerdict.model_validate_json(row.licence),
        progress=row.progress,
        images=tuple(read_image(image) for image in images),
        attempt=row.attempt,
        cancel_requested=row.cancel_requested,
        failure=None if row.failure is None else JobFailure.model_validate_json(row.failure),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def read_jobs(rows: Sequence[AnyRow]) -> tuple[Job, ...]:
    """Jobs from rows of the join with `images`: rows of one job lie together, `idx` is NULL where it has no picture."""
    groups = (list(group) for _, group in groupby(rows, key=lambda row: row.id))
    return tuple(read_job(group[0], (row for row in group if row.idx is not None)) for group in groups)

"""Rows to the job vocabulary and back: the one place that knows how a value is written in a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from router.assets.rows import read_image
from router.jobs.documents import (
    FAILURE,
    LICENCE,
    NO_VERDICT,
    PAYLOAD,
    REQUEST,
    UNREADABLE_FAILURE,
    document_of,
    plan_versions,
    read_or,
)
from router.jobs.model import EventType, Job, JobEvent, JobStatus, NewJob
from router.plan import Plan
from router.storage.database import AnyRow
from router.storage.documents import UnreadableDocument
from router.training.plan import TrainingPlan

_KNOWN_EVENTS = frozenset(type.value for type in EventType)


def new_job_row(job: NewJob, now: datetime) -> dict[str, Any]:
    """Parameters that insert an accepted job; its first event has number 1."""
    document = document_of(job.kind)
    return {
        "id": job.id,
        "owner": job.owner,
        "space": job.space,
        "kind": job.kind,
        "status": JobStatus.QUEUED.value,
        "request": REQUEST.write(job.request),
        "plan": document.write(job.plan),
        "plan_version": plan_versions(job.kind).stop - 1,
        "licence": LICENCE.write(job.licence),
        "progress": 0.0,
        "attempt": 0,
        "cancel_requested": False,
        "lease_token": 0,
        "estimated_seconds": job.plan.estimated_seconds,
        **_drawing(job.plan),
        "last_seq": 1,
        "created_at": now,
        "batch": job.batch,
        "line": job.line,
        "lease_until": job.not_before,
    }


def _drawing(plan: Plan | TrainingPlan) -> dict[str, Any]:
    """What drawing a job takes: nothing of a training, which no generator is asked for."""
    if isinstance(plan, TrainingPlan):
        return {"deployment": "", "pictures": 0, "drawing_seconds": 0.0}
    base, pictures = plan.base, plan.drawings
    return {
        "deployment": base.deployment,
        "pictures": pictures,
        "drawing_seconds": base.estimated_seconds * pictures,
    }


def origin_row(job: NewJob) -> tuple[dict[str, Any], ...]:
    """Parameters that insert what a job goes on from; none where it begins anew."""
    origin = job.plan.origin if isinstance(job.plan, Plan) else None
    if origin is None:
        return ()
    row = {"job_id": job.id, "call": origin.call, "parent_id": origin.job_id}
    return (row | {"parent_asset": origin.asset_id or None, "parent_index": origin.index},)


def accepted_job(job: NewJob, now: datetime) -> Job:
    """The job that `new_job_row` has written, without reading it back."""
    return Job(
        id=job.id,
        owner=job.owner,
        space=job.space,
        kind=job.kind,
        status=JobStatus.QUEUED,
        request=job.request,
        stored_plan=job.plan,
        licence=job.licence,
        progress=0.0,
        images=(),
        attempt=0,
        cancel_requested=False,
        failure=None,
        created_at=now,
        started_at=None,
        ended_at=None,
        batch=job.batch,
        line=job.line,
    )


def event_row(event: JobEvent) -> dict[str, Any]:
    return {
        "job_id": event.job_id,
        "seq": event.seq,
        "type": event.type.value,
        "payload": PAYLOAD.write(event.payload),
        "at": event.at,
    }


def read_event(job_id: str, row: AnyRow) -> JobEvent:
    """An event; one of a type that this release does not know keeps its number, so that the log has no gap."""
    payload = read_or(PAYLOAD, row.payload, {}, f"event {row.seq} of job {job_id}")
    if row.type not in _KNOWN_EVENTS:
        return JobEvent(job_id, row.seq, EventType.OTHER, {"type": row.type}, row.at)
    return JobEvent(job_id, row.seq, EventType(row.type), payload, row.at)


def read_job(row: AnyRow, images: Iterable[AnyRow]) -> Job:
    """A job from a row with its columns and the rows of its pictures, in order."""
    of = f"job {row.id}"
    return Job(
        id=row.id,
        owner=row.owner,
        space=row.space,
        kind=row.kind,
        status=JobStatus(row.status),
        request=read_or(REQUEST, row.request, {}, of),
        stored_plan=_read_plan(row.kind, row.plan),
        licence=read_or(LICENCE, row.licence, NO_VERDICT, of),
        progress=row.progress,
        images=tuple(read_image(image) for image in images),
        attempt=row.attempt,
        cancel_requested=row.cancel_requested,
        failure=None if row.failure is None else read_or(FAILURE, row.failure, UNREADABLE_FAILURE, of),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        batch=row.batch,
        line=row.line,
    )


def read_jobs(rows: Sequence[AnyRow]) -> tuple[Job, ...]:
    """Jobs from rows of the join with `assets`: rows of one job lie together, `idx` is NULL where it has no picture."""
    groups = (list(group) for _, group in groupby(rows, key=lambda row: row.id))
    return tuple(read_job(group[0], (row for row in group if row.idx is not None)) for group in groups)


def _read_plan(kind: str, text: str) -> Plan | TrainingPlan | UnreadableDocument:
    try:
        plan: Plan | TrainingPlan = document_of(kind).read(text)
    except UnreadableDocument as error:
        return error
    return plan

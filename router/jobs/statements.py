"""Every statement of the job store, built once: what runs on the database can be read here in one place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, bindparam, case, delete, exists, func, insert, select, text, update

from router.jobs.model import JobStatus
from router.jobs.tables import (
    PROCESSING,
    UNFINISHED,
    Utc,
    drawings,
    idempotency,
    images,
    job_events,
    jobs,
    loose_files,
    pictures,
)

_NOW = bindparam("now", type_=Utc)
_UNTIL = bindparam("until", type_=Utc)

INSERT_JOB = insert(jobs)
INSERT_DRAWING = insert(drawings)
INSERT_EVENT = insert(job_events)

# The same words on both engines; SQLAlchemy spells ON CONFLICT only per dialect.
INSERT_IMAGE = text(
    "INSERT INTO images (job_id, idx, seq, seed, width, height, files, licence, notes, seconds)"
    " VALUES (:job_id, :idx, :seq, :seed, :width, :height, :files, :licence, :notes, :seconds)"
    " ON CONFLICT (job_id, idx) DO NOTHING RETURNING idx"
)
CLAIM_KEY = text(
    "INSERT INTO idempotency (owner, key, body_sha256, job_id, created_at)"
    " VALUES (:owner, :key, :body_sha256, :job_id, :now)"
    " ON CONFLICT (owner, key) DO UPDATE"
    " SET body_sha256 = excluded.body_sha256, job_id = excluded.job_id, created_at = excluded.created_at"
    " WHERE idempotency.created_at <= :expired RETURNING job_id"
).bindparams(_NOW, bindparam("expired", type_=Utc))
CLAIMED_KEY = select(idempotency.c.body_sha256, idempotency.c.job_id).where(
    idempotency.c.owner == bindparam("owner"), idempotency.c.key == bindparam("key")
)
LIVE_KEY = CLAIMED_KEY.where(idempotency.c.created_at > bindparam("expired", type_=Utc))

_IMAGE_COLUMNS = (
    images.c.idx,
    images.c.seed,
    images.c.width,
    images.c.height,
    images.c.files,
    images.c.licence.label("image_licence"),
    images.c.notes,
    images.c.seconds,
)


def _with_images(chosen: Select[Any]) -> Select[Any]:
    """Jobs with their pictures in one statement, so that both are of the same moment: a row per picture, or one."""
    page = chosen.subquery("page")
    joined = page.outerjoin(images, images.c.job_id == page.c.id)
    return select(*page.c, *_IMAGE_COLUMNS).select_from(joined).order_by(page.c.id.desc(), images.c.idx)


JOB = _with_images(select(jobs).where(jobs.c.id == bindparam("job_id")))
JOB_OF_OWNER = _with_images(select(jobs).where(jobs.c.id == bindparam("job_id"), jobs.c.owner == bindparam("owner")))
_NEWEST = select(jobs).where(jobs.c.owner == bindparam("owner")).order_by(jobs.c.id.desc()).limit(bindparam("page"))
FIRST_PAGE = _with_images(_NEWEST)
NEXT_PAGE = _with_images(_NEWEST.where(jobs.c.id < bindparam("before")))

IMAGES = select(*_IMAGE_COLUMNS).where(images.c.job_id == bindparam("job_id")).order_by(images.c.idx)

EVENTS = (
    select(job_events.c.seq, job_events.c.type, job_events.c.payload, job_events.c.at)
    .select_from(
        jobs.outerjoin(job_events, and_(job_events.c.job_id == jobs.c.id, job_events.c.seq > bindparam("after")))
    )
    .where(jobs.c.id == bindparam("job_id"), jobs.c.owner == bindparam("owner"))
    .order_by(job_events.c.seq)
)
IMAGE_EVENT = (
    select(job_events.c.seq, job_events.c.type, job_events.c.payload, job_events.c.at)
    .join(images, and_(images.c.job_id == job_events.c.job_id, images.c.seq == job_events.c.seq))
    .where(images.c.job_id == bindparam("job_id"), images.c.idx == bindparam("idx"))
)

BACKLOG = select(
    func.count().label("jobs"),
    func.count().filter(jobs.c.owner == bindparam("owner")).label("own_jobs"),
    func.coalesce(func.sum(jobs.c.estimated_seconds * (1 - jobs.c.progress)), 0.0).label("seconds"),
).where(UNFINISHED)
BACKLOG_AHEAD = BACKLOG.where(jobs.c.id < bindparam("ahead_of"))

INSERT_PICTURE = insert(pictures)
PICTURE_OF_OWNER = select(pictures).where(
    pictures.c.id == bindparam("picture_id"), pictures.c.owner == bindparam("owner")
)
_PICTURES = (
    select(pictures)
    .where(pictures.c.owner == bindparam("owner"))
    .order_by(pictures.c.id.desc())
    .limit(bindparam("page"))
)
FIRST_PICTURES = _PICTURES
NEXT_PICTURES = _PICTURES.where(pictures.c.id < bindparam("before"))
COUNT_PICTURES = select(func.count().label("pictures")).where(pictures.c.owner == bindparam("owner"))
REMOVE_PICTURE = (
    delete(pictures)
    .where(pictures.c.id == bindparam("picture_id"), pictures.c.owner == bindparam("owner"))
    .returning(pictures.c.sha256)
)

NOTE_LOOSE = text(
    "INSERT INTO loose_files (sha256, since) VALUES (:sha256, :now)"
    " ON CONFLICT (sha256) DO UPDATE SET since = excluded.since"
).bindparams(_NOW)
_BEFORE = bindparam("before", type_=Utc)
# Whether a finished picture has the file is asked for without a lock: what is drawn never equals what was brought by
# chance, so nothing begins to be that meanwhile.
OLDEST_LOOSE = (
    select(loose_files.c.sha256, exists().where(images.c.files.contains(loose_files.c.sha256)).label("drawn"))
    .where(loose_files.c.since <= _BEFORE)
    .order_by(loose_files.c.since)
    .limit(1)
)
FORGET_LOOSE = delete(loose_files).where(loose_files.c.sha256 == bindparam("file"))
SETTLE_LOOSE = FORGET_LOOSE.where(loose_files.c.since <= _BEFORE).returning(
    exists().where(pictures.c.sha256 == bindparam("file")).label("brought")
)

_FENCED = and_(
    jobs.c.id == bindparam("of_job"),
    jobs.c.lease_worker == bindparam("worker"),
    jobs.c.lease_token == bindparam("token"),
    PROCESSING,
)
_NO_LEASE: dict[str, Any] = {"lease_worker": None, "lease_until": None}

NEXT_SEQ = update(jobs).where(_FENCED).values(last_seq=jobs.c.last_seq + 1).returning(jobs.c.last_seq)
HEARTBEAT = (
    update(jobs)
    .where(_FENCED)
    .values(
        lease_until=_UNTIL,
        progress=case((jobs.c.progress < bindparam("reached"), bindparam("reached")), else_=jobs.c.progress),
    )
    .returning(jobs.c.cancel_requested)
)
END = (
    update(jobs)
    .where(_FENCED)
    .values(
        status=bindparam("outcome"),
        progress=case((bindparam("outcome") == JobStatus.COMPLETE.value, 1.0), else_=jobs.c.progress),
        failure=bindparam("reason"),
        ended_at=_NOW,
        last_seq=jobs.c.last_seq + 1,
        **_NO_LEASE,
    )
    .returning(jobs.c.last_seq)
)
RELEASE = update(jobs).where(_FENCED).values(**_NO_LEASE).returning(jobs.c.id)

_QUEUED = jobs.c.status == JobStatus.QUEUED.value
CANCEL = (
    update(jobs)
    .where(jobs.c.id == bindparam("of_job"), jobs.c.owner == bindparam("of_owner"), UNFINISHED)
    .values(
        status=case((_QUEUED, JobStatus.CANCELED.value), else_=jobs.c.status),
        ended_at=case((_QUEUED, _NOW), else_=jobs.c.ended_at),
        last_seq=case((_QUEUED, jobs.c.last_seq + 1), else_=jobs.c.last_seq),
        cancel_requested=True,
    )
    .returning(jobs.c.status, jobs.c.last_seq)
)

"""Every statement of the job store, built once: what runs on the database can be read here in one place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    text,
    update,
)

from router.assets.statements import IMAGE_COLUMNS
from router.assets.tables import THERE, assets
from router.experiments.tables import job_arms
from router.jobs.documents import TRAININGS_FROM
from router.jobs.model import JobStatus
from router.jobs.tables import (
    IN_BATCH,
    PROCESSING,
    UNFINISHED,
    held_back,
    idempotency,
    job_events,
    job_origins,
    jobs,
    rates,
)
from router.people.quotas.tables import IS_LIMITED, quota_charges
from router.people.tables import IN_SPACE
from router.plan import BLIND, COMPARED
from router.storage.columns import Utc
from router.storage.insertion import Insertion

_NOW = bindparam("now", type_=Utc)
_UNTIL = bindparam("until", type_=Utc)

INSERT_JOB = Insertion(jobs)
INSERT_ACCEPTED = Insertion(jobs, f" RETURNING {IS_LIMITED} AS is_limited")
"""Of one job."""
INSERT_ORIGIN = Insertion(job_origins)

# The same words on both engines; SQLAlchemy spells ON CONFLICT only per dialect.
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

# What a `Job` is read from; the others are for the database alone.
JOB_COLUMNS = (
    jobs.c.id,
    jobs.c.owner,
    jobs.c.space,
    jobs.c.kind,
    jobs.c.status,
    jobs.c.request,
    jobs.c.plan,
    jobs.c.licence,
    jobs.c.progress,
    jobs.c.attempt,
    jobs.c.cancel_requested,
    jobs.c.failure,
    jobs.c.created_at,
    jobs.c.started_at,
    jobs.c.ended_at,
    jobs.c.batch,
    jobs.c.line,
)


def _with_images(chosen: Select[Any]) -> Select[Any]:
    """Jobs with their pictures in one statement, so that both are of the same moment: a row per picture, or one."""
    page = chosen.subquery("page")
    joined = page.outerjoin(assets, and_(assets.c.job_id == page.c.id, THERE))
    return select(*page.c, *IMAGE_COLUMNS).select_from(joined).order_by(page.c.id.desc(), assets.c.idx)


JOB = (
    select(*JOB_COLUMNS, *IMAGE_COLUMNS)
    .select_from(jobs.outerjoin(assets, and_(assets.c.job_id == jobs.c.id, THERE)))
    .where(jobs.c.id == bindparam("job_id"))
    .order_by(assets.c.idx)
)
WHOSE = select(jobs.c.owner, jobs.c.space).where(jobs.c.id == bindparam("job_id"))
_ALL = (
    select(*JOB_COLUMNS).where(jobs.c.kind == bindparam("of_kind")).order_by(jobs.c.id.desc()).limit(bindparam("page"))
)
# What a comparison has drawn is the comparison's: nobody finds there which of two pictures is whose.
OF_COMPARISON = exists().where(job_arms.c.job_id == jobs.c.id, job_arms.c.reason.in_((COMPARED, BLIND)))
# What draws a picture again is told by that picture.
_OF_REPLAY = exists().where(job_origins.c.job_id == jobs.c.id, job_origins.c.call == literal_column("'replay'"))
_NEWEST = _ALL.where(jobs.c.owner == bindparam("owner"), ~OF_COMPARISON, ~_OF_REPLAY)
_NEWEST_OF_BATCH = _ALL.where(IN_BATCH, jobs.c.batch == bindparam("batch"))
_NEWEST_OF_SPACE = _ALL.where(IN_SPACE, jobs.c.space == bindparam("space"), ~OF_COMPARISON, ~_OF_REPLAY)
_BEFORE = jobs.c.id < bindparam("before")
FIRST_PAGE = _with_images(_NEWEST)
NEXT_PAGE = _with_images(_NEWEST.where(_BEFORE))
PAGES = {
    (False, False): FIRST_PAGE,
    (True, False): NEXT_PAGE,
    (False, True): _with_images(_NEWEST_OF_BATCH),
    (True, True): _with_images(_NEWEST_OF_BATCH.where(_BEFORE)),
}
"""By whether there is a page before, and whether they are those of one batch."""
PAGES_OF_SPACE = {False: _with_images(_NEWEST_OF_SPACE), True: _with_images(_NEWEST_OF_SPACE.where(_BEFORE))}
"""By whether there is a page before."""

EVENTS = (
    select(jobs.c.owner, jobs.c.space, job_events.c.seq, job_events.c.type, job_events.c.payload, job_events.c.at)
    .select_from(
        jobs.outerjoin(job_events, and_(job_events.c.job_id == jobs.c.id, job_events.c.seq > bindparam("after")))
    )
    .where(jobs.c.id == bindparam("job_id"))
    .order_by(job_events.c.seq)
)
LOG = (
    select(job_events.c.seq, job_events.c.type, job_events.c.payload, job_events.c.at)
    .where(job_events.c.job_id == bindparam("of_job"), job_events.c.type.in_(bindparam("types", expanding=True)))
    .order_by(job_events.c.seq)
)
IMAGE_EVENT = (
    select(job_events.c.seq, job_events.c.type, job_events.c.payload, job_events.c.at)
    .join(assets, and_(assets.c.job_id == job_events.c.job_id, assets.c.seq == job_events.c.seq))
    .where(assets.c.job_id == bindparam("job_id"), assets.c.idx == bindparam("idx"))
)

_OWN, _SINGLE = jobs.c.owner == bindparam("owner"), jobs.c.batch == literal_column("''")
_REMAINS = jobs.c.estimated_seconds * (1 - jobs.c.progress)


def _sum_backlog(counted: ColumnElement[bool]) -> Select[Any]:
    return select(
        func.count().filter(counted).label("jobs"),
        func.count().filter(_OWN, _SINGLE).label("own_jobs"),
        func.count().filter(_OWN, ~_SINGLE).label("own_batch_jobs"),
        func.coalesce(func.sum(_REMAINS).filter(counted), 0.0).label("seconds"),
    ).where(UNFINISHED, jobs.c.plan_version < literal_column(str(TRAININGS_FROM)))  # they do not draw


BACKLOG = _sum_backlog(_SINGLE)  # ahead of a job of its own: those of batches let it go first
BACKLOG_WITH_BATCHES = _sum_backlog(~held_back(jobs.c.owner))  # which let batches go first, too
BACKLOG_AHEAD = BACKLOG.where(jobs.c.id < bindparam("ahead_of"))
BACKLOG_AHEAD_IN_BATCH = BACKLOG_WITH_BATCHES.where(jobs.c.id < bindparam("ahead_of"))

ALL_RATES = select(rates.c.work, rates.c.seconds)
KEEP_RATE = text(
    "INSERT INTO rates (work, seconds, measured_at) VALUES (:work, :seconds, :now)"
    " ON CONFLICT (work) DO UPDATE SET seconds = excluded.seconds, measured_at = excluded.measured_at"
).bindparams(_NOW)

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
_IS_CHARGED = exists().where(quota_charges.c.job_id == bindparam("of_job"))  # so that others need no statement more
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
    .returning(jobs.c.last_seq, _IS_CHARGED.label("is_charged"))
)
HOLD = update(jobs).where(_FENCED).values(lease_token=jobs.c.lease_token).returning(jobs.c.id)
RELEASE = update(jobs).where(_FENCED).values(**_NO_LEASE).returning(jobs.c.id)
_LATER = case((jobs.c.cancel_requested, None), else_=_UNTIL)  # one that is to end is taken at once
PUT_OFF = update(jobs).where(_FENCED).values(lease_worker=None, lease_until=_LATER).returning(jobs.c.id)

_QUEUED = jobs.c.status == JobStatus.QUEUED.value
CANCEL = (
    update(jobs)
    .where(jobs.c.id == bindparam("of_job"), UNFINISHED)
    .values(
        status=case((_QUEUED, JobStatus.CANCELED.value), else_=jobs.c.status),
        ended_at=case((_QUEUED, _NOW), else_=jobs.c.ended_at),
        last_seq=case((_QUEUED, jobs.c.last_seq + 1), else_=jobs.c.last_seq),
        # One that is put off is taken at once, so that it ends.
        lease_until=case((jobs.c.lease_worker.is_(None), None), else_=jobs.c.lease_until),
        cancel_requested=True,
    )
    .returning(jobs.c.status, jobs.c.last_seq)
)

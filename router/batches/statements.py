"""Every statement about batches."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, func, select, update

from router.assets.statements import IMAGE_COLUMNS
from router.assets.tables import THERE, assets
from router.batches.tables import batches
from router.jobs.model import JobStatus
from router.jobs.statements import JOB_COLUMNS
from router.jobs.tables import IN_BATCH, UNFINISHED, jobs
from router.people.tables import IN_SPACE
from router.storage.columns import Utc
from router.storage.insertion import Insertion

_NOW = bindparam("now", type_=Utc)
_EXPIRED = bindparam("expired", type_=Utc)
_OWNER = batches.c.owner == bindparam("of_owner")
_KEY = batches.c.idempotency_key == bindparam("key")

INSERT_BATCH = Insertion(batches, " ON CONFLICT (owner, idempotency_key) DO NOTHING")

LIVE_KEY = select(batches.c.id, batches.c.body_sha256).where(_OWNER, _KEY, batches.c.created_at > _EXPIRED)
FREE_KEY = update(batches).where(_OWNER, _KEY, batches.c.created_at <= _EXPIRED).values(idempotency_key=None)

BATCH = select(batches).where(batches.c.id == bindparam("of_batch"))
_NEWEST = select(batches).order_by(batches.c.id.desc()).limit(bindparam("page"))
_OF_SPACE = _NEWEST.where(IN_SPACE, batches.c.space == bindparam("of_space"))
_OF_OWNER = _NEWEST.where(_OWNER)
_BEFORE = batches.c.id < bindparam("before")
PAGES = {
    (False, False): _OF_OWNER,
    (True, False): _OF_OWNER.where(_BEFORE),
    (False, True): _OF_SPACE,
    (True, True): _OF_SPACE.where(_BEFORE),
}
"""By whether there is a page before, and whether they are those of a space."""

# From the index alone, whatever the number of batches on a page.
SHARES = (
    select(
        jobs.c.batch,
        jobs.c.status,
        func.count().label("jobs"),
        func.sum(jobs.c.pictures).label("pictures"),
        func.sum(jobs.c.progress).label("progress"),
        func.sum(jobs.c.estimated_seconds * (1 - jobs.c.progress)).label("seconds"),
        func.min(jobs.c.id).label("first"),
    )
    .where(IN_BATCH, jobs.c.batch.in_(bindparam("of_batches", expanding=True)))
    .group_by(jobs.c.batch, jobs.c.status)
)

_IN_THIS = and_(IN_BATCH, jobs.c.batch == bindparam("of_batch"))
FAILED = (
    select(jobs.c.id, jobs.c.line, jobs.c.failure)
    .where(_IN_THIS, jobs.c.status == JobStatus.FAILED.value)
    .order_by(jobs.c.id)
    .limit(bindparam("page"))
)

_PAGE = (
    select(*JOB_COLUMNS)
    .where(_IN_THIS, jobs.c.id > bindparam("after"))
    .order_by(jobs.c.id)
    .limit(bindparam("page"))
    .subquery("page")
)
JOBS = (
    select(*_PAGE.c, *IMAGE_COLUMNS)
    .select_from(_PAGE.outerjoin(assets, and_(assets.c.job_id == _PAGE.c.id, THERE)))
    .order_by(_PAGE.c.id, assets.c.idx)
)

_QUEUED = jobs.c.status == JobStatus.QUEUED.value
CANCEL = update(batches).where(batches.c.id == bindparam("of_batch")).values(cancel_requested=True)
CANCEL_JOBS = (
    update(jobs)
    .where(_IN_THIS, UNFINISHED)
    .values(
        status=case((_QUEUED, JobStatus.CANCELED.value), else_=jobs.c.status),
        ended_at=case((_QUEUED, _NOW), else_=jobs.c.ended_at),
        last_seq=case((_QUEUED, jobs.c.last_seq + 1), else_=jobs.c.last_seq),
        cancel_requested=True,
    )
    .returning(jobs.c.id, jobs.c.owner, jobs.c.status, jobs.c.last_seq)
)

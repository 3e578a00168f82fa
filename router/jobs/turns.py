"""Whose turn it is: the statements that choose the next job fairly between owners, give it to one worker, and sum up
what is left."""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    nulls_first,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from router.jobs.documents import plan_versions
from router.jobs.model import JobKind, JobStatus
from router.jobs.statements import JOB_COLUMNS
from router.jobs.tables import PROCESSING, UNFINISHED, held_back, jobs
from router.storage.columns import Utc

_NOW = bindparam("now", type_=Utc)


def leasable(job: FromClause, kind: JobKind = "generate") -> ColumnElement[bool]:
    """Unfinished, and nobody works on it: never leased, released, or its lease has run out; nor is it put off. Plans of
    a newer release are left to its workers."""
    free = or_(job.c.lease_until.is_(None), job.c.lease_until <= _NOW)
    return and_(UNFINISHED, free, _is_of(job, kind))


def _is_of(job: FromClause, kind: JobKind) -> ColumnElement[bool]:
    """Of a kind, and planned in a version that this release reads: the index of unfinished jobs has versions alone."""
    versions = plan_versions(kind)
    return job.c.plan_version.between(literal_column(str(versions.start)), literal_column(str(versions.stop - 1)))


def _in_turn(job: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Of one owner: jobs of their own before batches, since somebody waits for each; then the oldest."""
    return job.c.batch, job.c.id


def _rank_owners(kind: JobKind) -> Select[Any]:
    """Owners of unfinished jobs by turn: those who are held back last, then fewest jobs in work, then longest without a
    lease, then the oldest of the jobs that come next (NULL where every job is in work already).

    The owners are found by skipping from one to the next in the index of unfinished jobs, so the cost grows with the
    number of owners who wait, not with the length of the queue.
    """
    job = jobs.alias("job")
    owners = select(func.min(jobs.c.owner).label("owner")).where(UNFINISHED).cte("owners", recursive=True)
    following = select(func.min(jobs.c.owner)).where(UNFINISHED, jobs.c.owner > owners.c.owner).scalar_subquery()
    owners = owners.union_all(select(following).where(owners.c.owner.is_not(None)))
    mine, of_kind = job.c.owner == owners.c.owner, _is_of(job, kind)
    in_work = select(func.count()).where(PROCESSING, mine, of_kind, job.c.lease_until > _NOW)
    served = select(func.max(job.c.leased_at)).where(mine)
    oldest = select(job.c.id).where(mine, leasable(job, kind)).order_by(*_in_turn(job)).limit(1)
    turn = (
        in_work.scalar_subquery().label("in_work"),
        served.scalar_subquery().label("served"),
        oldest.scalar_subquery().label("oldest"),
    )
    ranked = select(owners.c.owner, *turn).where(owners.c.owner.is_not(None))
    last = case((held_back(owners.c.owner), 1), else_=0)
    return ranked.order_by(last, turn[0], nulls_first(turn[1]), turn[2])


def _waiting() -> Select[Any]:
    """All that can be leased, summed up by deployment."""
    remains = 1 - jobs.c.progress
    sums = (
        func.count().label("jobs"),
        func.sum(jobs.c.pictures * remains).label("pictures"),
        func.sum(jobs.c.drawing_seconds * remains).label("seconds"),
    )
    told = jobs.c.deployment != ""
    return select(jobs.c.deployment, *sums).where(leasable(jobs), told).group_by(jobs.c.deployment)


def _oldest_leasable(kind: JobKind) -> Select[Any]:
    """The leasable job of an owner that comes next; one that another worker is taking right now is passed over."""
    job = jobs.alias("job")
    oldest = select(job.c.id).where(job.c.owner == bindparam("of_owner"), leasable(job, kind))
    oldest = oldest.order_by(*_in_turn(job))
    return oldest.limit(1).with_for_update(skip_locked=True)


def _claim(kind: JobKind) -> ReturningUpdate[Any]:
    """Give the oldest leasable job of an owner to a worker."""
    taken = update(jobs).where(jobs.c.id == _oldest_leasable(kind).scalar_subquery())
    return taken.values(
        status=JobStatus.PROCESSING.value,
        lease_worker=bindparam("worker"),
        lease_token=jobs.c.lease_token + 1,
        lease_until=bindparam("until", type_=Utc),
        leased_at=_NOW,
        attempt=jobs.c.attempt + 1,
        started_at=func.coalesce(jobs.c.started_at, _NOW),
        last_seq=jobs.c.last_seq + 1,
    ).returning(*JOB_COLUMNS, jobs.c.last_seq, jobs.c.lease_token)


_KINDS: tuple[JobKind, ...] = get_args(JobKind)
OWNERS_BY_TURN = {kind: _rank_owners(kind) for kind in _KINDS}
CLAIM = {kind: _claim(kind) for kind in _KINDS}
CLAIM_ALONE = {
    kind: claim.where(
        text(f"(SELECT pg_try_advisory_xact_lock({0x41544C54}, hashtext(:of_owner)))")  # a room of its own among locks
    )
    for kind, claim in CLAIM.items()
}
"""Of PostgreSQL: only while no other worker is leasing a job of this owner."""
WAITING = _waiting()

"""Counting against quotas, in the transaction that accepts jobs, and settling in the one that ends them.

The day's row of each subject that has a limit is written first: who holds it is alone with it until the jobs are
there. They are taken in one order (`SUBJECTS`), and after the rows of jobs, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from configs.errors import QuotaReached
from configs.quotas import Quota, QuotaState, Subject
from router.assets.tables import assets
from router.jobs.documents import SECONDS, read_or
from router.jobs.model import JobStatus
from router.jobs.tables import jobs
from router.people.quotas import statements
from router.people.quotas.model import SUBJECTS, Claim, Demand, Limits, Standing
from router.people.quotas.sentences import describe_reached
from router.storage.database import AnyRow
from router.storage.documents import Document

LIMITS: Document[Limits] = Document("quota", Limits)
_PICTURES = select(assets.c.seconds).where(assets.c.job_id == bindparam("of_job"))
_DRAWN = select(
    jobs.c.kind, jobs.c.status, jobs.c.progress, jobs.c.pictures, jobs.c.drawing_seconds, jobs.c.estimated_seconds
).where(jobs.c.id == bindparam("of_job"))
_NOTHING, _NO_LIMIT = Limits(), Quota()


def charge(connection: Connection, claim: Claim, demands: Sequence[Demand], now: datetime) -> tuple[QuotaState, ...]:
    """Count jobs whose rows were written just now. Returns how each limit then stands. Raises `QuotaReached`, which
    takes the jobs back, too."""
    quotas = _quotas_of(connection, claim)
    if not quotas:
        return ()
    states = _count(connection, claim, quotas, demands, now)
    over = next((one for one in states if one.used > one.limit), None)
    if over is not None:
        raise _refuse(connection, over, demands, states)
    charges = [
        {
            "job_id": one.job_id,
            "subject": subject,
            "id": claim.subjects[subject],
            "day": day_of(now),
            "pictures": one.pictures,
            "device_seconds": one.device_seconds,
        }
        for one in demands
        for subject in quotas
    ]
    statements.add_charges(connection, charges)
    return states


def settle(connection: Connection, job_id: str) -> None:
    """A job has ended: count the pictures that are there, with the seconds that they took, in place of what was
    predicted. What was canceled or has failed before it had any counts for nothing."""
    charges = connection.execute(statements.SETTLE, {"of_job": job_id}).all()
    if charges:
        _correct(connection, charges, *_taken(connection, job_id))


def settle_canceled(connection: Connection, batch_id: str) -> None:
    """Jobs of a batch were canceled before they began: give back what they were counted with."""
    charges = connection.execute(statements.SETTLE_CANCELED, {"of_batch": batch_id}).all()
    _correct(connection, charges, 0, 0.0)


def day_of(now: datetime) -> str:
    """The day that a moment is counted on, which is one of UTC."""
    return now.astimezone(UTC).date().isoformat()


def seconds_to_midnight(now: datetime) -> int:
    """Until the next day of UTC begins, rounded up."""
    utc = now.astimezone(UTC)
    midnight = datetime(utc.year, utc.month, utc.day, tzinfo=UTC) + timedelta(days=1)
    return -int((utc - midnight).total_seconds() // 1)


def _quotas_of(connection: Connection, claim: Claim) -> dict[Subject, Quota]:
    """What holds for each subject that has any limit, in the order in which they are counted."""
    said = {row.subject: read_limits(row) for row in connection.execute(statements.OF_CLAIM, _ids(claim))}
    held = {one: said.get(one, _NOTHING).over(claim.defaults.of(one)) for one in SUBJECTS if one in claim.subjects}
    return {one: quota for one, quota in held.items() if quota != _NO_LIMIT}


def _ids(claim: Claim) -> dict[str, str]:
    return {"user": claim.user, "space": claim.space, "key": claim.key or ""}


def read_limits(row: AnyRow) -> Limits:
    """What was set; as the profile says where this release cannot read it, with a line in the log."""
    return read_or(LIMITS, row.limits, _NOTHING, f"quota of {row.subject} {row.id}")


def _count(
    connection: Connection, claim: Claim, quotas: Mapping[Subject, Quota], demands: Sequence[Demand], now: datetime
) -> tuple[QuotaState, ...]:
    """How each limit stands with all that is asked for. Jobs are counted once the rows of the day are held: only then
    is nobody else accepting some."""
    added = {
        "day": day_of(now),
        "pictures": sum(one.pictures for one in demands),
        "device_seconds": sum(one.device_seconds for one in demands),
    }
    uses = [{"subject": subject, "id": claim.subjects[subject], **added} for subject in quotas]
    taken = {row.subject: row for row in statements.add_use(connection, uses)}
    in_flight: dict[str, int] = {}
    if any(quota.jobs_in_flight is not None for quota in quotas.values()):
        counted = connection.execute(statements.IN_FLIGHT_OF_CLAIM, _ids(claim))
        in_flight = {row.subject: row.jobs for row in counted}
    states: list[QuotaState] = []
    for subject, quota in quotas.items():
        jobs_now, row = in_flight.get(subject, 0) + len(demands), taken[subject]
        id, used = claim.subjects[subject], (row.pictures, row.device_seconds)
        states += Standing(subject, id, quota, None, jobs_now, *used).states(seconds_to_midnight(now))
    return tuple(states)


def _refuse(
    connection: Connection, over: QuotaState, demands: Sequence[Demand], states: tuple[QuotaState, ...]
) -> QuotaReached:
    asked = {
        "jobs_in_flight": len(demands),
        "pictures_per_day": sum(one.pictures for one in demands),
        "device_seconds_per_day": sum(one.device_seconds for one in demands),
    }[over.name]
    retry_after: int | None = None
    if asked <= over.limit:  # else no waiting helps
        retry_after = _free_in(connection, over) if over.resets_in is None else over.resets_in
    message = describe_reached(over, asked, retry_after)
    return QuotaReached(message, reached=over, retry_after=retry_after, states=states)


def _free_in(connection: Connection, over: QuotaState) -> int:
    """Seconds until so many of its jobs have ended as it takes, by their plans and without what is ahead of them."""
    of: dict[str, Any] = {"of_subject": over.subject, "of_id": over.id, "place": int(over.used - over.limit) - 1}
    seconds = connection.execute(statements.FREE_IN, of).scalar_one_or_none()
    return 1 if seconds is None else max(1, round(seconds))


def _taken(connection: Connection, job_id: str) -> tuple[int, float]:
    """The pictures that a job has left, and the seconds that they took; of drawings that did not become pictures of a
    complete job, which nobody has noted, what was predicted; so, too, of a training, as far as it came."""
    of = {"of_job": job_id}
    job = connection.execute(_DRAWN, of).one()
    if job.kind != "generate":
        return 0, job.estimated_seconds * job.progress
    found = connection.execute(_PICTURES, of).all()
    seconds = sum(sum(read_or(SECONDS, row.seconds, {}, f"picture of job {job_id}").values()) for row in found)
    left_out = job.pictures - len(found)
    if job.status == JobStatus.COMPLETE and left_out > 0:
        seconds += job.drawing_seconds * left_out / job.pictures
    return len(found), seconds


def _correct(connection: Connection, charges: Sequence[AnyRow], pictures: int, seconds: float) -> None:
    """Of one job, or of several that have taken nothing."""
    back: dict[tuple[int, str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in charges:
        sums = back[SUBJECTS.index(row.subject), row.subject, row.id, row.day]
        sums[0] += pictures - row.pictures
        sums[1] += seconds - row.device_seconds
    uses = [
        {"subject": subject, "id": id, "day": day, "pictures": int(more[0]), "device_seconds": more[1]}
        for (_, subject, id, day), more in sorted(back.items())
    ]
    if uses:
        statements.add_use(connection, uses)

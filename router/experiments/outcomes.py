"""How jobs of an experiment have ended: failed or not, and what they took of a device."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select

from router.assets.tables import assets
from router.experiments.tables import job_arms
from router.jobs.documents import SECONDS, read_or
from router.jobs.model import JobStatus
from router.jobs.tables import jobs
from router.storage.database import Database

_ENDED = (JobStatus.COMPLETE.value, JobStatus.FAILED.value)  # a person's cancel says nothing of an arm
_MOST = 2000  # the newest; guardrails are for what happens now

OUTCOMES = (
    select(
        job_arms.c.job_id,
        job_arms.c.assigned,
        job_arms.c.unit,
        job_arms.c.pair,
        jobs.c.status,
        jobs.c.ended_at,
        jobs.c.deployment,
        jobs.c.pictures,
        assets.c.seconds,
    )
    .select_from(
        job_arms.join(jobs, jobs.c.id == job_arms.c.job_id).outerjoin(
            assets, and_(assets.c.job_id == jobs.c.id, assets.c.idx == 0)
        )
    )
    .where(
        job_arms.c.experiment_id == bindparam("of_id"),
        job_arms.c.phase == bindparam("of_phase"),
        jobs.c.status.in_(_ENDED),
    )
    .order_by(jobs.c.ended_at.desc(), job_arms.c.job_id)
    .limit(_MOST)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job that has ended. `seconds` of devices are those of its first picture; jobs that are `like` each other can be
    compared."""

    unit: str
    like: tuple[str, ...]
    failed: bool
    seconds: float
    at: datetime


async def read_outcomes(database: Database, experiment: str, phase: int) -> Mapping[str, Sequence[Outcome]]:
    """The newest ended jobs of a phase by the arm that they were assigned to, in the order in which they ended. Raises
    `StoreUnavailable`."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    for row in reversed(await database.read(OUTCOMES, of_id=experiment, of_phase=phase)):
        seconds = {} if row.seconds is None else read_or(SECONDS, row.seconds, {}, f"job {row.job_id}")
        failed = row.status == JobStatus.FAILED.value
        like = ("job",) if row.pair is None else (row.pair,)
        found[row.assigned].append(Outcome(row.unit, like, failed, sum(seconds.values()), row.ended_at))
    return found

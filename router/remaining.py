"""How long a job still takes: what is ahead of it, its model's loading, and its own pictures."""

from __future__ import annotations

from router.jobs.model import Job, JobStatus
from router.live import Holdup
from router.studio import Studio


async def estimate_remaining(studio: Studio, job: Job) -> float:
    """Seconds until the last picture of a job as it stands now; 0 when it has ended. Raises `StoreUnavailable`."""
    return remaining_seconds(job, await waiting_seconds(studio, job), studio.live.holdup(job.id))


async def waiting_seconds(studio: Studio, job: Job) -> float:
    """The work ahead of a job that is queued, with the loading of its model. Raises `StoreUnavailable`."""
    if job.status is not JobStatus.QUEUED:
        return 0.0
    backlog = await studio.store.backlog(job.owner, ahead_of=job.id, in_batch=bool(job.batch))
    plan = job.readable_plan
    return backlog.seconds + (0.0 if plan is None else await studio.cold_starts.seconds(plan.base.deployment))


def remaining_seconds(job: Job, waiting: float, holdup: Holdup | None) -> float:
    """Of a job with `waiting` seconds of work ahead of it, and what it waits for though it has begun."""
    if job.status.ended:
        return 0.0
    waiting += 0.0 if holdup is None else holdup.seconds
    return waiting + job.planned_seconds * (1 - job.progress)

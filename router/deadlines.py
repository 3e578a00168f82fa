"""What a job's deadline leaves to each of its stages."""

from __future__ import annotations

from datetime import datetime

from configs.errors import DeadlineMissed
from router.jobs.model import Job


def seconds_left(job: Job, position: int, now: datetime) -> float | None:
    """Seconds for the stage at `position` alone, or None without a deadline: what comes after it needs its time, too.

    Only what has not begun is given up: raises `DeadlineMissed` when no time is left for the first stage.
    """
    deadline = job.plan.deadline_seconds
    if deadline is None:
        return None
    waited = (now - job.created_at).total_seconds()
    left = deadline - waited - sum(stage.estimated_seconds for stage in job.plan.stages[position + 1 :])
    if position == 0 and left <= 0:
        raise DeadlineMissed(f"the deadline of {deadline:g} s leaves no time to draw", "deadline_seconds")
    return left

"""The trainings that were asked for together."""

from __future__ import annotations

from collections.abc import Sequence

from router.jobs.model import Job
from router.people.viewer import Viewer
from router.studio import Studio


async def runs_of_sweep(studio: Studio, job: Job) -> tuple[Job, ...]:
    """All of the sweep of a job, itself among them, in their order; itself alone, where it is of none."""
    sweep = "" if job.kind != "train" else job.training.sweep
    if not sweep:
        return (job,)
    found: Sequence[Job] = await studio.store.jobs(Viewer(job.owner), limit=200, kind="train")
    return tuple(sorted((one for one in found if one.training.sweep == sweep), key=lambda one: one.id))

"""A line of a run to its jobs: the same request and seed as each arm draws it, or why it is not drawn at all.

If one arm cannot draw a line, none does: arms that draw different prompts cannot be compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from configs.errors import InvalidRequest
from router.experiments.model import Experiment, FrozenArm
from router.experiments.overlay import find_clash
from router.experiments.routing import as_arm, find_down
from router.experiments.runs.model import Run, RunLine, owner_of_runs
from router.ids import new_job_ids
from router.job_request import JobRequest
from router.jobs.model import NewJob
from router.library.pinning import pin_versions
from router.licences.verdicts import judge_licences
from router.planning.making import make_plan
from router.studio import Studio


async def draft_line(studio: Studio, experiment: Experiment, run: Run, number: int, line: RunLine) -> Sequence[NewJob]:
    """A job per arm. Raises `InvalidRequest` saying which arm cannot draw it."""
    try:
        request = line.as_request()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise InvalidRequest(f"line {number + 1} cannot be asked for any more: {first['msg']}") from None
    jobs, arms = list[NewJob](), experiment.phase.arms
    for arm, job_id in zip(arms, new_job_ids(len(arms)), strict=True):
        try:
            jobs.append(await _draft(studio, experiment, run, number, request, arm, job_id))
        except InvalidRequest as error:
            raise InvalidRequest(f"line {number + 1}: arm {arm.id}: {error.message}") from None
    return jobs


async def _draft(
    studio: Studio, experiment: Experiment, run: Run, number: int, request: JobRequest, arm: FrozenArm, job_id: str
) -> NewJob:
    drawn, routed = as_arm(request, experiment, arm.id, f"{run.id}/{number}", run.id, run.kind)
    clash = find_clash(request, routed.overlay)
    if clash is not None:
        raise InvalidRequest(f"the request says {clash} itself")
    down = find_down(routed.overlay, arm.hashes, studio.installation)
    if down is not None:
        raise InvalidRequest(down)
    drawn, installation = await pin_versions(studio.library, drawn)
    plan = await asyncio.to_thread(make_plan, drawn, installation, studio.rates, 0)
    licence = judge_licences(plan, installation.catalog)
    if licence.internal == "refused":
        raise InvalidRequest(f"it may not be drawn with for the studio's own use: {'; '.join(licence.reasons)}")
    return NewJob(
        id=job_id,
        owner=owner_of_runs(experiment.id),
        request=request.keep_as_asked(),
        plan=plan.model_copy(update={"routed": routed}),
        licence=licence,
        batch=run.id,
        line=number + 1,
    )

"""What people ask for, noted as lines of a shadow or paired run once it is accepted: a share of it, and never at the
cost of who asked."""

from __future__ import annotations

import asyncio
import logging

from router.experiments.assignment import is_exposed, takes_slot
from router.experiments.model import Experiment, Status
from router.experiments.overlay import find_clash
from router.experiments.runs.beginning import live_run_id
from router.experiments.runs.model import RunLine
from router.job_request import JobRequest
from router.jobs.model import Job
from router.studio import Studio

_log = logging.getLogger("atelier.experiments")
MOST_WAITING = 200
"""Lines of a run that wait, at most: what comes then is not noted."""
_OWN = frozenset(
    {"prompt", "asset_type", "quality", "seed", "num_variations", "best_of", "keep", "retry_below", "max_tries"}
    | {"near", "deadline_seconds"}
)
"""What a line says itself, or each arm's drawing decides."""
_noting: set[asyncio.Task[None]] = set()


def note_accepted(studio: Studio, job: Job, request: JobRequest) -> None:
    """Note a job that was committed, in the background; whatever goes wrong there, goes into the log."""
    if studio.experiments.held.experiments:
        task = asyncio.create_task(_note(studio, job, request))
        _noting.add(task)
        task.add_done_callback(_noting.discard)


def _is_wanted(experiment: Experiment, job: Job, request: JobRequest) -> bool:
    """Whether a job is in the scope and in the share, and leaves open what the arms would change."""
    config, phase = experiment.phase.config, experiment.phase
    kind = request.asset_type.partition("@")[0], request.quality
    return (
        experiment.status == Status.RUNNING
        and config.mode in ("shadow", "paired")
        and config.includes(*kind)
        and not request.inputs
        and job.licence.internal != "refused"
        and takes_slot(config.layer, job.id)
        and is_exposed(experiment.id, phase.number, job.id, experiment.exposure)
        and all(find_clash(request, arm.overlay_for(*kind)) is None for arm in phase.arms)
    )


async def _note(studio: Studio, job: Job, request: JobRequest) -> None:
    for experiment in studio.experiments.held.experiments:
        try:
            if _is_wanted(experiment, job, request):
                line = line_of(request, job.plan.seeds[0])
                await studio.runs.note_line(live_run_id(experiment), line, MOST_WAITING)
        except Exception as error:  # noqa: BLE001 - the order itself is accepted, whatever this was
            _log.warning("job %s is not drawn again for experiment %s: %s", job.id, experiment.id, error)


def line_of(request: JobRequest, seed: int) -> RunLine:
    """A request as a line: its first picture."""
    said = {
        name: value for name, value in request.keep_as_asked().items() if name not in _OWN and value not in ({}, [])
    }
    return RunLine(prompt=request.prompt, asset_type=request.asset_type, quality=request.quality, seed=seed, more=said)

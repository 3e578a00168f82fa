"""Every statement about runs."""

from __future__ import annotations

from sqlalchemy import bindparam, func, literal, or_, select, update

from router.experiments.runs.model import RunStatus
from router.experiments.tables import experiment_runs, experiments, run_lines
from router.jobs.tables import UNFINISHED, held_back, jobs
from router.storage.columns import Utc
from router.storage.insertion import Insertion

INSERT_RUN = Insertion(experiment_runs, " ON CONFLICT (id) DO NOTHING")
INSERT_LINE = Insertion(run_lines)

_NOW = bindparam("now", type_=Utc)
_THIS = experiment_runs.c.id == bindparam("of_run")
_RUNNING = experiment_runs.c.status == RunStatus.RUNNING.value

RUNS = (
    select(experiment_runs)
    .where(experiment_runs.c.experiment_id == bindparam("of_id"))
    .order_by(experiment_runs.c.created_at.desc(), experiment_runs.c.id.desc())
)
RUN = select(experiment_runs).where(_THIS, experiment_runs.c.experiment_id == bindparam("of_id"))

_phase_runs = experiment_runs.alias("of_phase")
_USED = (
    select(func.sum(_phase_runs.c.gpu_seconds))
    .where(
        _phase_runs.c.experiment_id == experiment_runs.c.experiment_id, _phase_runs.c.phase == experiment_runs.c.phase
    )
    .scalar_subquery()
)
OPEN = (
    select(
        experiment_runs,
        experiments.c.phase.label("current_phase"),
        experiments.c.status.label("current_status"),
        _USED.label("used_seconds"),
    )
    .select_from(experiment_runs.outerjoin(experiments, experiments.c.id == experiment_runs.c.experiment_id))
    .where(_RUNNING)
    .order_by(experiment_runs.c.gpu_seconds, experiment_runs.c.id)
)
LINE = select(run_lines.c.line).where(run_lines.c.run_id == bindparam("of_run"), run_lines.c.number == bindparam("at"))

# Whoever moves a run to its next line orders that: of several conductors one.
ADVANCE = (
    update(experiment_runs)
    .where(_THIS, _RUNNING, experiment_runs.c.next_line == bindparam("at"))
    .values(
        next_line=experiment_runs.c.next_line + 1,
        gpu_seconds=experiment_runs.c.gpu_seconds + bindparam("seconds"),
        skipped=experiment_runs.c.skipped + bindparam("more_skipped"),
        reason=func.coalesce(bindparam("because"), experiment_runs.c.reason),
    )
)
NOTE_LINE = (
    update(experiment_runs)
    .where(_THIS, _RUNNING, experiment_runs.c.total - experiment_runs.c.next_line < bindparam("most"))
    .values(total=experiment_runs.c.total + 1)
    .returning(experiment_runs.c.total)
)
_FRESH = select(func.min(run_lines.c.number)).where(
    run_lines.c.run_id == bindparam("of_run"),
    run_lines.c.number >= bindparam("at"),
    run_lines.c.noted_at > bindparam("since", type_=Utc),
)
FIRST_FRESH = _FRESH
DROP = (
    update(experiment_runs)
    .where(_THIS, _RUNNING, experiment_runs.c.next_line == bindparam("at"))
    .values(
        next_line=bindparam("to_line"),
        dropped=experiment_runs.c.dropped + (bindparam("to_line") - experiment_runs.c.next_line),
    )
)
TOTAL = select(experiment_runs.c.total).where(_THIS)
END = (
    update(experiment_runs)
    .where(_THIS, _RUNNING)
    .values(
        status=bindparam("to_status"),
        reason=func.coalesce(bindparam("because"), experiment_runs.c.reason),
        ended_at=_NOW,
    )
)

_free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= _NOW)
_WAITING = select(literal(1)).where(UNFINISHED, ~held_back(jobs.c.owner), _free)
_IN_FLIGHT = select(func.count()).select_from(jobs).where(UNFINISHED, held_back(jobs.c.owner))
LOAD = select(_WAITING.exists().label("others_wait"), _IN_FLIGHT.scalar_subquery().label("in_flight"))

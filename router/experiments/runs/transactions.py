"""The transactions of runs: each public function is one, run as a whole on a thread of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from configs.errors import NotFound
from router.batches import statements as batches
from router.experiments.rows import arm_row
from router.experiments.runs import rows, statements
from router.experiments.runs.model import NewRun, RunLine, RunStatus
from router.experiments.statements import INSERT_ARM
from router.jobs.event_log import write_all
from router.jobs.model import EventType, JobEvent, JobStatus, NewJob
from router.jobs.rows import new_job_row
from router.jobs.statements import INSERT_JOB
from router.people.audit.model import Signature
from router.people.audit.writing import write_line


def begin(connection: Connection, run: NewRun, signature: Signature | None, now: datetime) -> bool:
    """Whether it is new: a run of the same id stays as it is."""
    if not statements.INSERT_RUN.run(connection, rows.run_row(run, now)):
        return False
    lines = (rows.line_row(run.id, number, line, now) for number, line in enumerate(run.lines))
    statements.INSERT_LINE.run(connection, *lines)
    told = {"run": run.id, "kind": run.kind, "prompt_set": run.prompt_set, "lines": len(run.lines)}
    write_line(connection, signature, "run.order", ("experiments", run.experiment), told, now)
    return True


def order(connection: Connection, run_id: str, number: int, jobs: Sequence[NewJob], now: datetime) -> bool:
    """Move a run past line `number`, with the jobs that the line becomes; False, and no job, where somebody else has
    done that or the run has ended."""
    seconds = sum(job.plan.estimated_seconds for job in jobs)
    if not _advance(connection, run_id, number, seconds):
        return False
    INSERT_JOB.run(connection, *(new_job_row(job, now) for job in jobs))
    INSERT_ARM.run(connection, *(row for job in jobs for row in arm_row(job)))
    write_all(connection, ((job.owner, JobEvent(job.id, 1, EventType.QUEUED, {}, now)) for job in jobs))
    return True


def skip(connection: Connection, run_id: str, number: int, reason: str) -> bool:
    """Move a run past line `number`, which is not drawn; False as in `order`."""
    return _advance(connection, run_id, number, 0.0, reason)


def note_line(connection: Connection, run_id: str, line: RunLine, most: int, now: datetime) -> bool:
    """Add a line to a run that is running; False where it has ended, or `most` lines wait in it."""
    total = connection.execute(statements.NOTE_LINE, {"of_run": run_id, "most": most}).scalar_one_or_none()
    if total is None:
        return False
    statements.INSERT_LINE.run(connection, rows.line_row(run_id, total - 1, line, now))
    return True


def drop(connection: Connection, run_id: str, number: int, since: datetime) -> bool:
    """Move a run from line `number` past those that were noted before `since`; whether there are any."""
    of_run = {"of_run": run_id, "at": number}
    fresh = connection.execute(statements.FIRST_FRESH, of_run | {"since": since}).scalar_one()
    to_line = connection.execute(statements.TOTAL, of_run).scalar_one() if fresh is None else fresh
    return to_line > number and bool(connection.execute(statements.DROP, of_run | {"to_line": to_line}).rowcount)


def end(connection: Connection, run_id: str, status: RunStatus, reason: str | None, now: datetime) -> bool:
    """End a run that is running: what it has ordered goes on. Whether it was."""
    values = {"of_run": run_id, "to_status": status.value, "because": reason, "now": now}
    return bool(connection.execute(statements.END, values).rowcount)


def cancel(
    connection: Connection, experiment: str, run_id: str, reason: str, signature: Signature | None, now: datetime
) -> tuple[str, ...]:
    """End a run and its jobs that wait, and ask for the end of those in work, whose ids it returns. Raises
    `NotFound`."""
    if connection.execute(statements.RUN, {"of_run": run_id, "of_id": experiment}).one_or_none() is None:
        raise not_found(run_id)
    was_running = end(connection, run_id, RunStatus.CANCELED, reason, now)
    changed = connection.execute(batches.CANCEL_JOBS, {"of_batch": run_id, "now": now}).all()
    ended = [row for row in changed if row.status == JobStatus.CANCELED]
    write_all(connection, ((row.owner, JobEvent(row.id, row.last_seq, EventType.CANCELED, {}, now)) for row in ended))
    if was_running or changed:
        write_line(connection, signature, "run.cancel", ("experiments", experiment), {"run": run_id}, now)
    return tuple(row.id for row in changed if row.status != JobStatus.CANCELED)


def not_found(run_id: str) -> NotFound:
    return NotFound(f"There is no run {run_id[:64]} of this experiment", "run_id")


def _advance(connection: Connection, run_id: str, number: int, seconds: float, skipped: str | None = None) -> bool:
    more = 0 if skipped is None else 1
    values = {"of_run": run_id, "at": number, "seconds": seconds, "more_skipped": more, "because": skipped}
    return bool(connection.execute(statements.ADVANCE, values).rowcount)

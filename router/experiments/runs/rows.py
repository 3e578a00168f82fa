"""Rows to the vocabulary of runs and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from router.experiments.model import Status
from router.experiments.runs.model import NewRun, OpenRun, Run, RunLine, RunStatus
from router.jobs.model import JobStatus
from router.storage.database import AnyRow
from router.storage.documents import Document

LINE: Document[RunLine] = Document("line of a run", RunLine)


def run_row(run: NewRun, now: datetime) -> dict[str, Any]:
    """Parameters that insert a run."""
    return {
        "id": run.id,
        "experiment_id": run.experiment,
        "phase": run.phase,
        "kind": run.kind,
        "status": RunStatus.RUNNING.value,
        "prompt_set": run.prompt_set,
        "next_line": 0,
        "total": len(run.lines),
        "skipped": 0,
        "dropped": 0,
        "gpu_seconds": 0.0,
        "reason": "",
        "created_at": now,
        "ended_at": None,
    }


def line_row(run_id: str, number: int, line: RunLine, now: datetime) -> dict[str, Any]:
    """Parameters that insert a line of a run."""
    return {"run_id": run_id, "number": number, "line": LINE.write(line), "noted_at": now}


def read_run(row: AnyRow, shares: Iterable[AnyRow] = ()) -> Run:
    """A run from its row and those of its jobs, summed up by status."""
    return Run(
        id=row.id,
        experiment=row.experiment_id,
        phase=row.phase,
        kind=row.kind,
        status=RunStatus(row.status),
        prompt_set=row.prompt_set,
        next_line=row.next_line,
        total=row.total,
        skipped=row.skipped,
        dropped=row.dropped,
        gpu_seconds=row.gpu_seconds,
        reason=row.reason,
        created_at=row.created_at,
        ended_at=row.ended_at,
        jobs={JobStatus(share.status): share.jobs for share in shares if share.batch == row.id},
    )


def read_open(row: AnyRow, shares: Iterable[AnyRow]) -> OpenRun:
    """One that is running, from a row with the state of its experiment."""
    is_current = row.current_phase == row.phase and row.current_status != Status.STOPPED.value
    return OpenRun(
        run=read_run(row, shares),
        is_current=is_current,
        is_paused=row.current_status == Status.PAUSED.value,
        used_seconds=row.used_seconds,
    )

"""What is kept of finished stages until their job ends, or for as long as it is known: statements, rows and
transactions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from configs.errors import NotFound
from router.assets import statements as assets
from router.jobs.documents import ENVIRONMENT, NOTES, SCORES, SECONDS
from router.jobs.model import StageOutput
from router.jobs.tables import UNFINISHED, jobs, stage_outputs
from router.storage.database import AnyRow
from router.storage.documents import UnreadableDocument

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when an output is loose that nobody needs: nothing else ever has its bytes, so nothing is waited for."""

RESULT = "adapter"
"""The kind of what a training has learned: it stays when the job ends, so that a person can choose another."""

_OF_JOB = stage_outputs.c.job_id == bindparam("of_job")
OF_JOB = select(stage_outputs).where(_OF_JOB).order_by(stage_outputs.c.idx, stage_outputs.c.position)
_INSERT = insert(stage_outputs)
_REMOVE_BEFORE = (
    delete(stage_outputs)
    .where(_OF_JOB, stage_outputs.c.idx == bindparam("of_index"), stage_outputs.c.position <= bindparam("reached"))
    .returning(stage_outputs.c.sha256)
)
_PASSING = stage_outputs.c.kind != RESULT
_REMOVE = delete(stage_outputs).where(_OF_JOB, _PASSING).returning(stage_outputs.c.sha256)
_ENDED = and_(stage_outputs.c.job_id.not_in(select(jobs.c.id).where(UNFINISHED)), _PASSING)
OF_ENDED = select(stage_outputs.c.job_id).where(_ENDED).limit(1)
_REMOVE_ENDED = delete(stage_outputs).where(_ENDED).returning(stage_outputs.c.sha256)


def write_output(connection: Connection, job_id: str, output: StageOutput) -> None:
    """Keep it in place of those of earlier stages of the same picture. Raises `NotFound` where its file, which was
    expected, has been swept since."""
    reached = {"of_job": job_id, "of_index": output.index, "reached": output.position}
    _let_go(connection, connection.execute(_REMOVE_BEFORE, reached).scalars().all())
    connection.execute(_INSERT, _row(job_id, output))
    if connection.execute(assets.CLAIM_LOOSE, {"file": output.sha256}).one_or_none() is None:
        raise NotFound("what a stage has left was swept before it was noted")


def remove_outputs(connection: Connection, job_id: str) -> None:
    """The job has ended: its files are swept."""
    _let_go(connection, connection.execute(_REMOVE, {"of_job": job_id}).scalars().all())


def remove_missed(connection: Connection) -> None:
    """Those of jobs that were ended by a release that knew nothing of them."""
    _let_go(connection, connection.execute(_REMOVE_ENDED).scalars().all())


def read_outputs(rows: Sequence[AnyRow]) -> tuple[StageOutput, ...]:
    """The last of each picture; one that cannot be read counts for nothing, and its stage is done again."""
    last: dict[int, StageOutput] = {}
    for row in rows:
        try:
            last[row.idx] = _read(row)
        except UnreadableDocument:
            last.pop(row.idx, None)
    return tuple(last.values())


def _let_go(connection: Connection, files: Sequence[str]) -> None:
    for sha256 in files:
        connection.execute(assets.NOTE_LOOSE, {"sha256": sha256, "now": _AT_ONCE})


def _row(job_id: str, output: StageOutput) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "idx": output.index,
        "position": output.position,
        "kind": output.kind,
        "sha256": output.sha256,
        "seconds": SECONDS.write(output.seconds),
        "notes": NOTES.write(output.notes),
        "weights": output.weights,
        "scores": SCORES.write(output.scores) if output.scores else None,
        "environment": None if output.environment is None else ENVIRONMENT.write(output.environment),
    }


def _read(row: AnyRow) -> StageOutput:
    return StageOutput(
        index=row.idx,
        position=row.position,
        kind=row.kind,
        sha256=row.sha256,
        seconds=SECONDS.read(row.seconds),
        notes=NOTES.read(row.notes),
        weights=row.weights,
        scores={} if row.scores is None else SCORES.read(row.scores),
        environment=None if row.environment is None else ENVIRONMENT.read(row.environment),
    )

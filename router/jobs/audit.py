"""Which stored documents this release cannot read: for an operator, before and after an update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, select

from configs.errors import NotFound
from router.assets.tables import assets
from router.batches.rows import ASKED, SKIPPED
from router.batches.tables import batches
from router.experiments.ballots.documents import CRITERIA, SHOWN
from router.experiments.documents import ARMS, CANARY, DEFINITION, OVERLAY
from router.experiments.documents import PAYLOAD as TOLD
from router.experiments.runs.rows import LINE
from router.experiments.tables import ballots, champion_moves, experiment_events, experiment_phases, run_lines, votes
from router.jobs.documents import FAILURE, LICENCE, NOTES, PAYLOAD, REQUEST, SCORES, SECONDS, document_of
from router.jobs.tables import job_events, jobs
from router.library.kinds import kind_named
from router.library.rows import read_entry
from router.library.statements import ENTRIES
from router.storage.documents import Document, UnreadableDocument

_AT_ONCE = 500
_DOCUMENTS: tuple[tuple[Column[Any], Document[Any]], ...] = (
    (jobs.c.request, REQUEST),
    (jobs.c.licence, LICENCE),
    (jobs.c.failure, FAILURE),
    (job_events.c.payload, PAYLOAD),
    (assets.c.licence, LICENCE),
    (assets.c.notes, NOTES),
    (assets.c.seconds, SECONDS),
    (assets.c.scores, SCORES),
    (batches.c.asked, ASKED),
    (batches.c.skipped, SKIPPED),
    (experiment_phases.c.definition, DEFINITION),
    (experiment_phases.c.arms, ARMS),
    (experiment_events.c.payload, TOLD),
    (champion_moves.c.overlay, OVERLAY),
    (champion_moves.c.canary, CANARY),
    (run_lines.c.line, LINE),
    (ballots.c.shown, SHOWN),
    (votes.c.criteria, CRITERIA),
)


def find_unreadable(connection: Connection) -> Iterator[str]:
    """A line for each: the row that it is of, and why."""
    yield from _find_unreadable_plans(connection)
    for column, document in _DOCUMENTS:
        key = tuple(column.table.primary_key.columns)
        asked = select(*key, column.label("document")).where(column.is_not(None))
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(asked):
            try:
                document.read(row.document)
            except UnreadableDocument as error:
                yield f"{column.table.name} {' '.join(map(str, row[:-1]))}: {error}"
    for entry in map(read_entry, connection.execute(ENTRIES)):
        try:
            kind_named(entry.kind).read(entry)
        except (UnreadableDocument, NotFound) as error:
            yield f"library_entries {entry.kind} {entry.id} {entry.version}: {error}"


def _find_unreadable_plans(connection: Connection) -> Iterator[str]:
    """Which are written as the kind of their job has it."""
    asked = select(jobs.c.id, jobs.c.kind, jobs.c.plan)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(asked):
        try:
            document_of(row.kind).read(row.plan)
        except UnreadableDocument as error:
            yield f"jobs {row.id}: {error}"

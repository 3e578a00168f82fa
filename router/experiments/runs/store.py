"""Runs in the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from router.batches.statements import SHARES
from router.experiments.runs import rows, statements, transactions
from router.experiments.runs.model import Load, NewRun, OpenRun, Run, RunLine, RunStatus
from router.jobs.model import NewJob
from router.people.audit.model import Signature
from router.storage.database import AnyRow, Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RunStore:
    """Every method is one transaction or a few reads, and raises `StoreUnavailable` while the database does not answer.
    Several processes may write at once: a line is ordered by one of them."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    async def begin(self, run: NewRun, signature: Signature | None = None) -> bool:
        """Begin a run with its lines. False, and nothing is changed, where there is one of its id."""
        return await self._database.write(transactions.begin, run, signature, self._clock())

    async def runs(self, experiment: str) -> tuple[Run, ...]:
        """Those of an experiment in all its phases, newest first."""
        found = await self._database.read(statements.RUNS, of_id=_plain(experiment))
        shares = await self._shares(found)
        return tuple(rows.read_run(row, shares) for row in found)

    async def run(self, experiment: str, run_id: str) -> Run:
        """Raises `NotFound`."""
        found = await self._database.read(statements.RUN, of_id=_plain(experiment), of_run=_plain(run_id))
        if not found:
            raise transactions.not_found(run_id)
        return rows.read_run(found[0], await self._shares(found))

    async def open(self) -> tuple[OpenRun, ...]:
        """All that are running, the one that has used least first."""
        found = await self._database.read(statements.OPEN)
        shares = await self._shares(found)
        return tuple(rows.read_open(row, shares) for row in found)

    async def load(self) -> Load:
        """Whether anything may be ordered now."""
        (row,) = await self._database.read(statements.LOAD, now=self._clock())
        return Load(bool(row.others_wait), row.in_flight)

    async def line(self, run_id: str, number: int) -> RunLine:
        """Raises `UnreadableDocument`."""
        (row,) = await self._database.read(statements.LINE, of_run=run_id, at=number)
        return rows.LINE.read(row.line)

    async def order(self, run_id: str, number: int, jobs: Sequence[NewJob]) -> bool:
        """Commit the jobs that line `number` becomes. False, and no job, where somebody else has settled that line, or
        the run has ended."""
        return await self._database.write(transactions.order, run_id, number, jobs, self._clock())

    async def skip(self, run_id: str, number: int, reason: str) -> bool:
        """Settle line `number` without drawing it."""
        return await self._database.write(transactions.skip, run_id, number, reason)

    async def note_line(self, run_id: str, line: RunLine, most: int) -> bool:
        """Add a line to a run. False where it has ended, or `most` wait in it already."""
        return await self._database.write(transactions.note_line, run_id, line, most, self._clock())

    async def drop(self, run_id: str, number: int, seconds: float) -> bool:
        """Settle lines from `number` on that have waited for longer than `seconds`, without drawing them."""
        return await self._database.write(transactions.drop, run_id, number, self._clock() - timedelta(seconds=seconds))

    async def end(self, run_id: str, status: RunStatus, reason: str | None = None) -> bool:
        """End a run: what it has ordered goes on. Whether it was running."""
        return await self._database.write(transactions.end, run_id, status, reason, self._clock())

    async def cancel(
        self, experiment: str, run_id: str, reason: str, signature: Signature | None = None
    ) -> tuple[str, ...]:
        """End a run with its jobs that wait, and flag those in work, whose ids it returns. Raises `NotFound`."""
        return await self._database.write(
            transactions.cancel, _plain(experiment), _plain(run_id), reason, signature, self._clock()
        )

    async def _shares(self, found: Sequence[AnyRow]) -> Sequence[AnyRow]:
        return await self._database.read(SHARES, of_batches=[row.id for row in found]) if found else ()


def _plain(id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    return id if id.isascii() and id.isprintable() else ""

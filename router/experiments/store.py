"""Experiments and champions in the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from router.experiments import rows, statements, transactions
from router.experiments.model import Champion, EventType, Experiment, ExperimentEvent, Held, Phase, Status
from router.experiments.transactions import Check
from router.people.audit.model import Signature
from router.storage.database import AnyRow, Database
from router.storage.documents import UnreadableDocument

_log = logging.getLogger("atelier.experiments")
_ACTIVE = frozenset((Status.RUNNING, Status.PAUSED))


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ExperimentStore:
    """Every method is one transaction and raises `StoreUnavailable` while the database does not answer. Several
    processes may write at once: each sees all that was written before it."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self.database, self.clock = database, clock

    async def revision(self) -> int:
        """A number that grows with every change: who knows it knows all."""
        (row,) = await self.database.read(statements.REVISION)
        return int(row.revision)

    async def held(self) -> Held:
        """What requests are routed by. What this release cannot read is left out, with a line in the log."""
        active = _readable(rows.read_experiment, await self.database.read(statements.UNSTOPPED))
        champions = _readable(rows.read_champion, await self.database.read(statements.CHAMPIONS))
        return Held(tuple(active), {one.key: one for one in champions})

    async def experiments(self) -> tuple[Experiment, ...]:
        """All that were ever started, each in its last phase."""
        return tuple(_readable(rows.read_experiment, await self.database.read(statements.EXPERIMENTS)))

    async def experiment(self, id: str) -> Experiment:
        """Raises `NotFound` for one that was never started."""
        found = await self.database.read(statements.EXPERIMENT, of_id=_plain(id))
        if not found:
            raise transactions.not_started(id)
        return rows.read_experiment(found[0])

    async def phases(self, id: str) -> tuple[Phase, ...]:
        """All phases of an experiment, the first one first."""
        return tuple(_readable(rows.read_phase, await self.database.read(statements.PHASES, of_id=_plain(id))))

    async def events(self, id: str, after: int = 0) -> tuple[ExperimentEvent, ...]:
        """Its events with seq > after, in order."""
        return tuple(map(rows.read_event, await self.database.read(statements.EVENTS, of_id=_plain(id), after=after)))

    async def start(
        self,
        phase: Phase,
        exposure: float,
        actor: str,
        reason: str,
        check: Check,
        again: bool = False,
        signature: Signature | None = None,
    ) -> Experiment:
        """Start an experiment, or (`again`) a new phase of one that is not stopped. `check` looks at the others that
        are not stopped, and raises. Raises `StateConflict`."""
        return await self.database.write(transactions.start, phase, exposure, actor, reason, check, again, signature)

    async def pause(
        self,
        id: str,
        actor: str,
        reason: str,
        because: EventType = EventType.PAUSED,
        told: dict[str, Any] | None = None,
        signature: Signature | None = None,
    ) -> Experiment:
        """Let the champion draw everything. Raises `NotFound` and `StateConflict`."""
        running, paused = frozenset((Status.RUNNING,)), Status.PAUSED
        return await self._change(id, because, actor, reason, running, paused, told=told, signature=signature)

    async def resume(self, id: str, actor: str, reason: str, signature: Signature | None = None) -> Experiment:
        """Go on in the same phase: every unit is in the arm that it was in. Raises `NotFound` and `StateConflict`."""
        paused, running = frozenset((Status.PAUSED,)), Status.RUNNING
        return await self._change(id, EventType.RESUMED, actor, reason, paused, running, signature=signature)

    async def stop(
        self, id: str, actor: str, reason: str, decision: str | None = None, signature: Signature | None = None
    ) -> Experiment:
        """End it, with what was decided. Raises `NotFound` and `StateConflict`."""
        type = EventType.STOPPED if decision is None else EventType.DECIDED
        more: dict[str, Any] = {"decision": decision, "signature": signature}
        more |= {} if decision is None else {"told": {"decision": decision}}
        return await self._change(id, type, actor, reason, _ACTIVE, Status.STOPPED, **more)

    async def expose(
        self, id: str, exposure: float, actor: str, reason: str, signature: Signature | None = None
    ) -> Experiment:
        """Let another share of the units take part; nobody changes arms. Raises `NotFound` and `StateConflict`."""
        more: dict[str, Any] = {"exposure": exposure, "signature": signature}
        return await self._change(id, EventType.EXPOSURE_CHANGED, actor, reason, _ACTIVE, **more)

    async def note(
        self,
        id: str,
        type: EventType,
        actor: str,
        reason: str,
        told: dict[str, Any],
        signature: Signature | None = None,
    ) -> Experiment:
        """One line more in its log. Raises `NotFound`."""
        return await self._change(id, type, actor, reason, frozenset(Status), told=told, signature=signature)

    async def champion(self, asset_type: str, quality: str) -> Champion | None:
        """None where nothing was ever promoted: the configs alone say how it is drawn."""
        of = {"of_type": _plain(asset_type), "of_quality": _plain(quality)}
        found = await self.database.read(statements.CHAMPION, **of)
        return rows.read_champion(found[0]) if found else None

    async def champions(self) -> tuple[Champion, ...]:
        """All of them, each as it is now."""
        return tuple(_readable(rows.read_champion, await self.database.read(statements.CHAMPIONS)))

    async def moves(self, asset_type: str, quality: str) -> tuple[Champion, ...]:
        """Every change of a champion, the last first."""
        of = {"of_type": _plain(asset_type), "of_quality": _plain(quality)}
        return tuple(_readable(rows.read_champion, await self.database.read(statements.MOVES, **of)))

    async def move_champion(
        self,
        key: tuple[str, str],
        expected: int | None,
        make: Callable[[Champion | None], Champion],
        signature: Signature | None = None,
    ) -> Champion:
        """Change a champion by `make`, which may raise, from what it is. Raises `StateConflict` if that is not at the
        revision `expected`."""
        return await self.database.write(transactions.move_champion, key, expected, make, signature)

    async def note_exposed(self, job_id: str) -> None:
        """Somebody looks at the pictures of a job; the first time counts."""
        await self.database.write(transactions.expose, job_id, self.clock())

    async def _change(
        self, id: str, type: EventType, actor: str, reason: str, allowed: frozenset[Status], *args: Any, **more: Any
    ) -> Experiment:
        return await self.database.write(
            transactions.change, _plain(id), type, allowed, actor, reason, self.clock(), *args, **more
        )


def _readable(read: Callable[[AnyRow], Any], found: Iterable[AnyRow]) -> Iterable[Any]:
    for row in found:
        try:
            yield read(row)
        except UnreadableDocument as error:
            _log.warning("an experiment is left out: %s", error)


def _plain(id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    return id if id.isascii() and id.isprintable() else ""

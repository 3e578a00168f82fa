"""Experiments and champions in the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from configs.errors import NotFound
from router.experiments import rows, statements, transactions
from router.experiments.legibility import Legible, read_all, read_one
from router.experiments.model import Champion, EventType, Experiment, ExperimentEvent, Held, Phase, Status
from router.experiments.transactions import Check
from router.people.audit.model import Signature
from router.storage.database import Database

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
        active = await self.database.read(statements.UNSTOPPED)
        champions = (await self.champions()).read
        found = read_all(rows.read_experiment, active, rows.name_experiment).read
        return Held(found, {one.key: one for one in champions})

    async def experiments(self) -> Legible[Experiment]:
        """All that were ever started, each in its last phase; those that cannot be read by their ids."""
        found = await self.database.read(statements.EXPERIMENTS)
        return read_all(rows.read_experiment, found, rows.name_experiment, lambda row: str(row.experiment_id))

    async def experiment(self, id: str) -> Experiment:
        """Raises `NotFound` for one that was never started, and `StateConflict` where this release cannot read it."""
        found = await self.database.read(statements.EXPERIMENT, of_id=_plain(id))
        if not found:
            raise transactions.not_started(id)
        return read_one(rows.read_experiment, found[0], rows.name_experiment(found[0]))

    async def phases(self, id: str) -> tuple[Phase, ...]:
        """Phases of an experiment, the first one first, without those that cannot be read."""
        found = await self.database.read(statements.PHASES, of_id=_plain(id))
        return read_all(rows.read_phase, found, rows.name_phase).read

    async def phase(self, id: str, number: int) -> Phase:
        """One of them. Raises `NotFound`, and `StateConflict` where this release cannot read it."""
        found = await self.database.read(statements.PHASES, of_id=_plain(id))
        row = next((one for one in found if one.phase == number), None)
        if row is None:
            last = f": it is in its {found[-1].phase}." if found else "."
            raise NotFound(f"experiment {id} has no phase {number}{last}")
        return read_one(rows.read_phase, row, rows.name_phase(row))

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
        """None where nothing was ever promoted: the configs alone say how it is drawn. Raises `StateConflict` where
        this release cannot read it."""
        of = {"of_type": _plain(asset_type), "of_quality": _plain(quality)}
        found = await self.database.read(statements.CHAMPION, **of)
        return read_one(rows.read_champion, found[0], rows.name_champion(found[0])) if found else None

    async def champions(self) -> Legible[Champion]:
        """All of them, each as it is now."""
        found = await self.database.read(statements.CHAMPIONS)
        return read_all(rows.read_champion, found, rows.name_champion)

    async def moves(self, asset_type: str, quality: str) -> Legible[Champion]:
        """Every change of a champion, the last first."""
        of = {"of_type": _plain(asset_type), "of_quality": _plain(quality)}
        return read_all(rows.read_champion, await self.database.read(statements.MOVES, **of), rows.name_champion)

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


def _plain(id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    return id if id.isascii() and id.isprintable() else ""

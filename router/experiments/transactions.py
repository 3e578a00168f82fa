"""The transactions of experiments: each public function is one, run as a whole on a thread of the database.

Writes begin by counting the revision up, which is a lock: what they read after that nobody else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from configs.errors import NotFound, StateConflict
from router.experiments import rows, statements
from router.experiments.legibility import read_all, read_one
from router.experiments.model import (
    Champion,
    EventType,
    Experiment,
    ExperimentEvent,
    MoveKind,
    Phase,
    Status,
)
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.webhooks.announcing import announce_champion, announce_experiment
from router.webhooks.model import WebhookEvent

Check = Callable[[Sequence[Experiment]], None]


def start(
    connection: Connection,
    phase: Phase,
    exposure: float,
    actor: str,
    reason: str,
    check: Check,
    again: bool,
    signature: Signature | None,
) -> Experiment:
    """A new phase of an experiment; `again`: of one that is not stopped, whose phase ends here. `check` looks at those
    that are not stopped, and raises. Raises `StateConflict`."""
    _lock(connection)
    others = read_all(rows.read_experiment, connection.execute(statements.UNSTOPPED), rows.name_experiment).read
    known = _find(connection, phase.experiment)
    if (known is not None and known.status != Status.STOPPED) != again:
        state = "not running" if again else f"{known.status.value} already" if known else ""
        then = "start it" if again else "stop it, or begin a new phase (POST …/phases)"
        raise StateConflict(f"experiment {phase.experiment} is {state}: {then}")
    check([one for one in others if one.id != phase.experiment])
    number = 1 if known is None else known.phase.number + 1
    phase = replace(phase, number=number)
    type = EventType.PHASE_STARTED if again else EventType.STARTED
    before = {} if known is None else {"phase": known.phase.number, "version": known.phase.config.version}
    payload = {"before": before, "after": {"phase": number, "version": phase.config.version, "exposure": exposure}}
    if known is None:
        row = {"id": phase.experiment, "phase": 1, "status": Status.RUNNING.value, "exposure": exposure}
        statements.INSERT_EXPERIMENT.run(connection, row | {"last_seq": 1, "changed_at": phase.started_at})
        seq = 1
    else:
        seq = known.last_seq + 1
        _end_phase(connection, known, None, phase.started_at)
        _write(connection, phase.experiment, number, Status.RUNNING, exposure, seq, phase.started_at)
    statements.INSERT_PHASE.run(connection, rows.phase_row(phase))
    event = ExperimentEvent(phase.experiment, seq, type, actor, reason, payload, phase.started_at)
    statements.INSERT_EVENT.run(connection, rows.event_row(event))
    _tell(connection, event, number, Status.RUNNING, signature)
    return _require(connection, phase.experiment)


def change(
    connection: Connection,
    id: str,
    type: EventType,
    allowed: frozenset[Status],
    actor: str,
    reason: str,
    now: datetime,
    status: Status | None = None,
    exposure: float | None = None,
    decision: str | None = None,
    told: dict[str, Any] | None = None,
    signature: Signature | None = None,
) -> Experiment:
    """Another state or exposure, with its event; what stays as it is writes nothing. Raises `NotFound`, and
    `StateConflict` where that cannot be done in its state."""
    _lock(connection)
    known = _require(connection, id)
    to_status, to_exposure = status or known.status, known.exposure if exposure is None else exposure
    if (to_status, to_exposure) == (known.status, known.exposure) and told is None:
        connection.rollback()
        return known
    if known.status not in allowed:
        may = " or ".join(sorted(one.value for one in allowed))
        raise StateConflict(f"experiment {id} is {known.status.value}: that can be done while it is {may}")
    before = {"status": known.status.value, "exposure": known.exposure}
    payload = {"before": before, "after": {"status": to_status.value, "exposure": to_exposure}} | (told or {})
    if to_status == Status.STOPPED:
        _end_phase(connection, known, decision, now)
    seq = known.last_seq + 1
    _write(connection, id, known.phase.number, to_status, to_exposure, seq, now)
    event = ExperimentEvent(id, seq, type, actor, reason, payload, now)
    statements.INSERT_EVENT.run(connection, rows.event_row(event))
    _tell(connection, event, known.phase.number, to_status, signature)
    return _require(connection, id)


def move_champion(
    connection: Connection,
    key: tuple[str, str],
    expected: int | None,
    make: Callable[[Champion | None], Champion],
    signature: Signature | None,
) -> Champion:
    """A champion changed by `make`, from what it is. Raises `StateConflict` if it is not at the revision `expected`."""
    _lock(connection)
    of = {"of_type": key[0], "of_quality": key[1]}
    row = connection.execute(statements.CHAMPION, of).one_or_none()
    known = None if row is None else read_one(rows.read_champion, row, rows.name_champion(row))
    revision = 0 if known is None else known.revision
    if expected is not None and expected != revision:
        raise StateConflict(
            f"the champion of {key[0]}, {key[1]} is at revision {revision} by now, not {expected}: look at it again"
        )
    champion = replace(make(known), revision=revision + 1)
    if known is None:
        first = {"asset_type": key[0], "quality": key[1], "revision": champion.revision}
        statements.INSERT_CHAMPION.run(connection, first)
    else:
        connection.execute(statements.MOVE_CHAMPION, of | {"to_revision": champion.revision})
    statements.INSERT_MOVE.run(connection, rows.move_row(champion))
    _write_move(connection, champion, signature)
    if (told := _announced(champion)) is not None:
        announce_champion(connection, told, champion.key, champion.revision, champion.at)
    return champion


def expose(connection: Connection, job_id: str, now: datetime) -> None:
    """The first time counts."""
    connection.execute(statements.EXPOSE, {"of_job": job_id, "now": now})


_ACTIONS = {
    EventType.STARTED: "experiment.start",
    EventType.PHASE_STARTED: "experiment.phase",
    EventType.PAUSED: "experiment.pause",
    EventType.GUARDRAIL_TRIPPED: "experiment.pause",
    EventType.SRM_TRIPPED: "experiment.pause",
    EventType.RESUMED: "experiment.resume",
    EventType.STOPPED: "experiment.stop",
    EventType.DECIDED: "experiment.stop",
    EventType.EXPOSURE_CHANGED: "experiment.expose",
    EventType.EXPORTED: "experiment.export",
}
"""Of the audit, by what the experiment's own log calls it; a champion's moves have lines of their own."""


_ANNOUNCED = {
    EventType.STARTED: WebhookEvent.EXPERIMENT_STARTED,
    EventType.PHASE_STARTED: WebhookEvent.EXPERIMENT_STARTED,
    EventType.GUARDRAIL_TRIPPED: WebhookEvent.EXPERIMENT_TRIPPED,
    EventType.SRM_TRIPPED: WebhookEvent.EXPERIMENT_TRIPPED,
    EventType.DECIDED: WebhookEvent.EXPERIMENT_ENDED,
    EventType.STOPPED: WebhookEvent.EXPERIMENT_ENDED,
}


def _tell(
    connection: Connection, event: ExperimentEvent, phase: int, status: Status, signature: Signature | None
) -> None:
    """The audit, and webhooks."""
    _write_line(connection, event, signature)
    if event.type in _ANNOUNCED:
        told = _ANNOUNCED[event.type]
        announce_experiment(connection, told, event.experiment, phase, status.value, event.seq, event.at)


def _write_line(connection: Connection, event: ExperimentEvent, signature: Signature | None) -> None:
    if event.type in _ACTIONS:
        told = {"event": event.type.value, "reason": event.reason, **event.payload}
        write_line(connection, signature, _ACTIONS[event.type], ("experiments", event.experiment), told, event.at)


def _write_move(connection: Connection, champion: Champion, signature: Signature | None) -> None:
    action = "champion.promote" if champion.kind == "canary" else f"champion.{champion.kind}"
    told: dict[str, Any] = {"revision": champion.revision, "kind": champion.kind, "reason": champion.reason}
    told |= {"experiment": champion.experiment, "share": None if champion.canary is None else champion.canary.share}
    write_line(connection, signature, action, ("champions", "/".join(champion.key)), told, champion.at)


def _announced(champion: Champion) -> WebhookEvent | None:
    """What webhooks are told of a move; a canary's steps are not, but for the last, which promotes it."""
    told: dict[MoveKind, WebhookEvent] = {
        "promote": WebhookEvent.CHAMPION_PROMOTED,
        "pause": WebhookEvent.CHAMPION_PAUSED,
        "rollback": WebhookEvent.CHAMPION_ROLLED_BACK,
    }
    return told.get(champion.kind)


def _lock(connection: Connection) -> int:
    return int(connection.execute(statements.NEXT_REVISION).scalar_one())


def _find(connection: Connection, id: str) -> Experiment | None:
    row = connection.execute(statements.EXPERIMENT, {"of_id": id}).one_or_none()
    return None if row is None else read_one(rows.read_experiment, row, rows.name_experiment(row))


def _require(connection: Connection, id: str) -> Experiment:
    found = _find(connection, id)
    if found is None:
        raise not_started(id)
    return found


def not_started(id: str) -> NotFound:
    return NotFound(f"no experiment '{id[:64]}' was ever started", "id")


def _end_phase(connection: Connection, known: Experiment, decision: str | None, now: datetime) -> None:
    ended = {"of_id": known.id, "of_phase": known.phase.number, "now": now, "told": decision}
    connection.execute(statements.END_PHASE, ended)


def _write(
    connection: Connection, id: str, phase: int, status: Status, exposure: float, seq: int, now: datetime
) -> None:
    values = {"to_phase": phase, "to_status": status.value, "to_exposure": exposure, "to_seq": seq, "now": now}
    connection.execute(statements.CHANGE, {"of_id": id} | values)

"""Rows to the vocabulary of experiments and back."""

from __future__ import annotations

from typing import Any

from router.experiments.documents import ARMS, CANARY, DEFINITION, OVERLAY, PAYLOAD
from router.experiments.model import (
    Champion,
    EventType,
    Experiment,
    ExperimentEvent,
    Phase,
    Status,
)
from router.jobs.documents import read_or
from router.jobs.model import NewJob
from router.plan import BLIND, COMPARED
from router.storage.database import AnyRow
from router.storage.documents import UnreadableDocument


def arm_row(job: NewJob) -> tuple[dict[str, Any], ...]:
    """Parameters that insert which arm a job was assigned to; none where it takes no part in an experiment. A side of a
    comparison is an arm of it."""
    routed = job.routed
    if routed is not None and routed.reason in (COMPARED, BLIND):
        pair = f"{job.batch}/{job.line}"
        way = {"assigned": routed.served, "served": routed.served, "reason": routed.reason, "unit": pair, "pair": pair}
        return ({"job_id": job.id, "experiment_id": job.batch, "phase": 0, **way, "run_id": None},)
    if routed is None or routed.experiment is None or routed.assigned is None:
        return ()
    return (
        {
            "job_id": job.id,
            "experiment_id": routed.experiment,
            "phase": routed.phase,
            "assigned": routed.assigned,
            "served": routed.served,
            "reason": routed.reason,
            "unit": routed.unit,
            "pair": routed.pair,
            "run_id": routed.run,
        },
    )


def phase_row(phase: Phase) -> dict[str, Any]:
    """Parameters that insert a phase."""
    return {
        "experiment_id": phase.experiment,
        "phase": phase.number,
        "version": phase.config.version,
        "sha256": phase.sha256,
        "definition": DEFINITION.write(phase.config),
        "arms": ARMS.write(phase.arms),
        "started_at": phase.started_at,
    }


def read_phase(row: AnyRow) -> Phase:
    """Raises `UnreadableDocument`."""
    return Phase(
        experiment=row.experiment_id,
        number=row.phase,
        config=DEFINITION.read(row.definition).model_copy(update={"version": row.version}),
        sha256=row.sha256,
        arms=ARMS.read(row.arms),
        started_at=row.started_at,
        ended_at=row.ended_at,
        decision=row.decision,
    )


def read_experiment(row: AnyRow) -> Experiment:
    """From a row with the columns of both tables. Raises `UnreadableDocument`."""
    if row.status not in tuple(Status):
        raise UnreadableDocument(f"this release knows no state '{row.status}'")
    return Experiment(
        row.experiment_id, Status(row.status), row.exposure, read_phase(row), row.last_seq, row.changed_at
    )


def name_experiment(row: AnyRow) -> str:
    """As messages call it."""
    return f"experiment {row.experiment_id}"


def name_phase(row: AnyRow) -> str:
    return f"phase {row.phase} of experiment {row.experiment_id}"


def name_champion(row: AnyRow) -> str:
    return f"the champion of {row.asset_type}, {row.quality}, at revision {row.revision},"


def event_row(event: ExperimentEvent) -> dict[str, Any]:
    """Parameters that insert an event."""
    return {
        "experiment_id": event.experiment,
        "seq": event.seq,
        "type": event.type.value,
        "actor": event.actor,
        "reason": event.reason,
        "payload": PAYLOAD.write(event.payload),
        "at": event.at,
    }


def read_event(row: AnyRow) -> ExperimentEvent:
    """One whose type or payload another release has written keeps its number."""
    payload = read_or(PAYLOAD, row.payload, {}, f"event {row.seq} of experiment {row.experiment_id}")
    if row.type not in tuple(EventType):
        type, payload = EventType.OTHER, {"type": row.type}
    else:
        type = EventType(row.type)
    return ExperimentEvent(row.experiment_id, row.seq, type, row.actor, row.reason, payload, row.at)


def move_row(champion: Champion) -> dict[str, Any]:
    """Parameters that insert a change of a champion."""
    return {
        "asset_type": champion.asset_type,
        "quality": champion.quality,
        "revision": champion.revision,
        "kind": champion.kind,
        "overlay": OVERLAY.write(champion.overlay),
        "canary": None if champion.canary is None else CANARY.write(champion.canary),
        "actor": champion.actor,
        "reason": champion.reason,
        "experiment_id": champion.experiment,
        "at": champion.at,
    }


def read_champion(row: AnyRow) -> Champion:
    """Raises `UnreadableDocument`."""
    return Champion(
        asset_type=row.asset_type,
        quality=row.quality,
        revision=row.revision,
        kind=row.kind,
        overlay=OVERLAY.read(row.overlay),
        canary=None if row.canary is None else CANARY.read(row.canary),
        actor=row.actor,
        reason=row.reason,
        experiment=row.experiment_id,
        at=row.at,
    )

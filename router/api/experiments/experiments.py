"""/experiments: what is compared, how it stands, and what may be changed while it runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from configs.errors import InvalidRequest, NotFound
from configs.experiments import ExperimentConfig
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.experiments.experiment_schemas import (
    ArmBody,
    AssignmentBody,
    ExperimentBody,
    ExperimentEventBody,
    ExperimentEventsBody,
    ExperimentsBody,
    ExposureBody,
    ReasonBody,
    StartBody,
    StopBody,
)
from router.experiments import lifecycle
from router.experiments.assignment import Weighted, bucket, choose_arm, is_exposed, takes_slot
from router.experiments.model import Experiment, ExperimentEvent, FrozenArm, Status
from router.experiments.routing import find_down
from router.people.principal import Principal
from router.studio import Studio

routes = APIRouter(tags=["experiments"], responses=error_responses(404, 409, 422))

Id = Annotated[str, Path(max_length=64, description="of an experiment in the library")]


@routes.get("/experiments")
async def list_experiments(studio: StudioDep, principal: PrincipalDep) -> ExperimentsBody:
    """Every experiment of the library, and how it stands."""
    found = await studio.experiments.store.experiments()
    started, live = {one.id: one for one in found.read}, studio.installation.catalog.experiments
    ids = sorted({*live, *started} - {*found.unreadable})
    held = await studio.ballots.held(principal.id)
    bodies = tuple(_body(studio, started.get(id), live.get(id), held.get(id, 0)) for id in ids)
    return ExperimentsBody(experiments=bodies, notes=tuple(found.unreadable.values()))


@routes.get("/experiments/{id}")
async def read_experiment(studio: StudioDep, principal: PrincipalDep, id: Id) -> ExperimentBody:
    """One experiment."""
    try:
        started = await studio.experiments.store.experiment(id)
    except NotFound:
        return _body(studio, None, await lifecycle.find_definition(studio, id))
    return _body(studio, started, None, await studio.ballots.open_ballots(id, principal.id))


@routes.post("/experiments/{id}/start")
async def start_experiment(
    studio: StudioDep, principal: PrincipalDep, id: Id, body: StartBody | None = None
) -> ExperimentBody:
    """Freeze its arms as they are now, and begin."""
    return await _start(studio, principal, id, body or StartBody(), again=False)


@routes.post("/experiments/{id}/phases")
async def begin_phase(
    studio: StudioDep, principal: PrincipalDep, id: Id, body: StartBody | None = None
) -> ExperimentBody:
    """End its phase and begin another, with arms, weights and units anew: what was counted before stays apart."""
    return await _start(studio, principal, id, body or StartBody(), again=True)


@routes.post("/experiments/{id}/pause")
async def pause_experiment(
    studio: StudioDep, principal: PrincipalDep, id: Id, body: ReasonBody | None = None
) -> ExperimentBody:
    """Let the champion draw everything; jobs in work go on."""
    store, signature = studio.experiments.store, studio.audit.sign(principal)
    return await _told(studio, await store.pause(id, principal.id, _reason(body), signature=signature))


@routes.post("/experiments/{id}/resume")
async def resume_experiment(
    studio: StudioDep, principal: PrincipalDep, id: Id, body: ReasonBody | None = None
) -> ExperimentBody:
    """Go on in the same phase: every unit is in the arm that it was in."""
    store, signature = studio.experiments.store, studio.audit.sign(principal)
    return await _told(studio, await store.resume(id, principal.id, _reason(body), signature))


@routes.post("/experiments/{id}/stop")
async def stop_experiment(
    studio: StudioDep, principal: PrincipalDep, id: Id, body: StopBody | None = None
) -> ExperimentBody:
    """End it, with what was decided."""
    said = body or StopBody()
    if said.decision is not None:
        _check_arm(await studio.experiments.store.experiment(id), said.decision)
    store, signature = studio.experiments.store, studio.audit.sign(principal)
    return await _told(studio, await store.stop(id, principal.id, said.reason, said.decision, signature))


@routes.patch("/experiments/{id}")
async def change_exposure(studio: StudioDep, principal: PrincipalDep, id: Id, body: ExposureBody) -> ExperimentBody:
    """Let another share of the units take part. Nobody changes arms; anything else needs a new phase."""
    store, signature = studio.experiments.store, studio.audit.sign(principal)
    return await _told(studio, await store.expose(id, body.exposure, principal.id, body.reason, signature))


@routes.get("/experiments/{id}/events")
async def list_events(studio: StudioDep, id: Id, after: Annotated[int, Query(ge=0)] = 0) -> ExperimentEventsBody:
    """Its log, without gaps: who did what, why, and what was before."""
    await studio.experiments.store.experiment(id)
    found = await studio.experiments.store.events(id, after)
    return ExperimentEventsBody(events=tuple(map(_event, found)))


@routes.get("/assignments")
async def read_assignment(
    studio: StudioDep,
    experiment: Annotated[str, Query(max_length=64)],
    unit: Annotated[str, Query(max_length=200, description="a user, team, session or job, as the experiment counts")],
) -> AssignmentBody:
    """Which arm a unit is in. It depends on nothing but the experiment, its phase and the unit."""
    found = await studio.experiments.store.experiment(experiment)
    assigned, reason = _assign(found, unit)
    where = bucket(found.id, found.phase.number, "gate", unit)
    return AssignmentBody(experiment=found.id, unit=unit, bucket=where, assigned=assigned, reason=reason)


def _assign(experiment: Experiment, unit: str) -> tuple[str | None, str]:
    phase = experiment.phase
    if experiment.status != Status.RUNNING:
        return None, experiment.status.value
    if not takes_slot(phase.config.layer, unit):
        return None, "other_layer"
    if not is_exposed(experiment.id, phase.number, unit, experiment.exposure):
        return None, "not_exposed"
    weighted = [Weighted(one.id, one.weight) for one in phase.arms]
    return choose_arm(experiment.id, phase.number, unit, weighted), phase.config.mode


async def _start(studio: Studio, principal: Principal, id: str, said: StartBody, again: bool) -> ExperimentBody:
    signature = studio.audit.sign(principal)
    started = await lifecycle.start(
        studio, id, principal.id, said.reason, said.version, said.exposure, again, signature
    )
    return _body(studio, started, None)


async def _told(studio: Studio, experiment: Experiment) -> ExperimentBody:
    await studio.experiments.refresh()
    return _body(studio, experiment, None)


def _body(
    studio: Studio, started: Experiment | None, config: ExperimentConfig | None, open_ballots: int = 0
) -> ExperimentBody:
    if started is None:
        assert config is not None
        arms = tuple(FrozenArm(id=arm.id, weight=arm.weight, overlay=arm.overlay) for arm in config.arms)
        return ExperimentBody(
            id=config.id,
            name=config.name,
            version=config.version,
            state="ready",
            phase=0,
            exposure=config.exposure,
            definition=config,
            arms=tuple(_arm(studio, arm) for arm in arms),
        )
    phase = started.phase
    return ExperimentBody(
        id=started.id,
        name=phase.config.name,
        version=phase.config.version,
        state=started.status.value,
        phase=phase.number,
        exposure=started.exposure,
        definition=phase.config,
        arms=tuple(_arm(studio, arm) for arm in phase.arms),
        decision=phase.decision,
        changed_at=started.changed_at,
        open_ballots=open_ballots,
    )


def _arm(studio: Studio, arm: FrozenArm) -> ArmBody:
    down = find_down(arm.overlay, arm.hashes, studio.installation)
    return ArmBody(id=arm.id, weight=arm.weight, overlay=arm.overlay, down=down)


def _event(event: ExperimentEvent) -> ExperimentEventBody:
    payload = dict(event.payload)
    before, after = payload.pop("before", {}), payload.pop("after", {})
    payload.pop("document_version", None)
    return ExperimentEventBody(
        seq=event.seq,
        type=event.type,
        actor=event.actor,
        reason=event.reason,
        before=before,
        after=after,
        told=payload,
        at=event.at,
    )


def _reason(body: ReasonBody | None) -> str:
    return "" if body is None else body.reason


def _check_arm(experiment: Experiment, decision: str) -> None:
    arm = decision.removeprefix("prefer:")
    if arm != decision and experiment.phase.arm(arm) is None:
        arms = tuple(one.id for one in experiment.phase.arms)
        raise InvalidRequest(f"'{arm}' is no arm of {experiment.id}; it has {', '.join(arms)}", "decision", arms)

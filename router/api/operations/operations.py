"""GET /operations: what an operator sees of the studio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from fastapi import APIRouter

from configs.placements import GeneratorPlacement
from configs.version import VERSION
from deployments.blobs.outage import Availability
from router.api.deps import ConductorDep, StudioDep
from router.api.operations.operations_schemas import (
    CapacityBody,
    CapacityReportBody,
    DecisionBody,
    DeploymentStateBody,
    GpusBody,
    GroundBody,
    LedgerBody,
    ModelLoadBody,
    OperationsBody,
    ReplicaStateBody,
    StoresBody,
    StoreStateBody,
    WorkBody,
)
from router.capacity.report import Told, sentence
from router.operations.overview import Overview, Start, dashboard_of, look
from router.operations.survey import DeploymentSurvey, Survey
from router.operations.workload import Load, Work
from router.studio import Studio

routes = APIRouter(tags=["operations"])

_NOBODY_SAYS = Start(None, None)


@routes.get("/operations")
async def show_operations(studio: StudioDep, conductor: ConductorDep) -> OperationsBody:
    """What runs where, how much there is to do in predicted seconds, who has how much of a GPU, and what is away. What
    does not answer within a few seconds is null, and the rest is told."""
    seen = await look(studio)
    profile = studio.installation.profile
    return OperationsBody(
        version=VERSION,
        at=datetime.now(UTC),
        profile=profile.id,
        ready=conductor.ready and conductor.found,
        dashboard=dashboard_of(studio, seen.survey),
        stores=StoresBody(
            database=_store_body(studio.store.availability), files=_store_body(studio.blobs.availability)
        ),
        deployments=None if seen.survey is None else tuple(_deployment_bodies(seen, seen.survey)),
        models=tuple(_model_bodies(studio, seen)),
        gpus=_gpus_body(studio),
    )


@routes.get("/operations/capacity")
async def show_capacity(studio: StudioDep) -> CapacityReportBody:
    """How many replicas each deployment that draws is to have, why, and what that was made of; and the decisions before
    it. Nothing is decided yet in the first seconds of a studio, and those of before its start are forgotten."""
    report = await studio.replicas.capacity()
    if report is None:
        return CapacityReportBody(at=datetime.now(UTC), decisions=(), before=(), ages={}, faults=())
    return CapacityReportBody(
        at=datetime.fromtimestamp(report.at, UTC),
        decisions=tuple(map(_decision_body, report.told)),
        before=tuple(map(_decision_body, report.before)),
        ages=dict(report.ages),
        faults=report.faults,
    )


def _decision_body(told: Told) -> DecisionBody:
    return DecisionBody(
        **_capacity_body(told).model_dump(),
        deployment=told.decision.deployment,
        replicas=told.decision.current,
        without_limits=told.decision.wanted,
        ground=GroundBody.model_validate(asdict(told.ground)),
    )


def _capacity_body(told: Told) -> CapacityBody:
    return CapacityBody(
        wanted=told.decision.desired,
        reason=str(told.decision.reason),
        detail=sentence(told),
        kind=told.decision.kind,
        since=datetime.fromtimestamp(told.since, UTC),
    )


def _store_body(availability: Availability) -> StoreStateBody:
    outage = availability.outage
    return StoreStateBody(ok=outage is None, detail="" if outage is None else outage.reason)


def _deployment_bodies(seen: Overview, survey: Survey) -> Iterator[DeploymentStateBody]:
    told = {} if seen.capacity is None else {one.decision.deployment: one for one in seen.capacity.told}
    for one in survey.deployments:
        yield _deployment_body(one, told.get(one.name))


def _deployment_body(one: DeploymentSurvey, told: Told | None) -> DeploymentStateBody:
    return DeploymentStateBody(
        name=one.name,
        status=one.status,
        detail=one.detail,
        target_replicas=one.target,
        gpus=one.gpus,
        cpus=one.cpus,
        capacity=None if told is None else _capacity_body(told),
        replicas=tuple(
            ReplicaStateBody(id=each.id, state=each.state, node=each.node, since=each.since) for each in one.replicas
        ),
    )


def _model_bodies(studio: Studio, seen: Overview) -> Iterator[ModelLoadBody]:
    placed = {one.name: one for one in studio.installation.profile.generators}
    unplaced = sorted((seen.load or {}).keys() - placed.keys() - {""})
    for name in (*placed, *unplaced):
        yield _model_body(studio, seen, name, placed.get(name))


def _model_body(studio: Studio, seen: Overview, name: str, placement: GeneratorPlacement | None) -> ModelLoadBody:
    load = None if seen.load is None else seen.load.get(name, Load())
    start = seen.starts.get(name, _NOBODY_SAYS)
    predicted = None if placement is None else studio.installation.memory.get(placement.model)
    return ModelLoadBody(
        deployment=name,
        model=None if placement is None else placement.model,
        loras=() if placement is None else tuple(one.lora for one in placement.loras),
        queued=None if load is None else _work_body(load.queued),
        running=None if load is None else _work_body(load.running),
        cold_start_seconds=start.ahead,
        last_load_seconds=start.last,
        memory_gb=None if predicted is None else predicted.gb,
    )


def _work_body(work: Work) -> WorkBody:
    return WorkBody(jobs=work.jobs, pictures=round(work.pictures, 2), seconds=round(work.seconds, 2))


def _gpus_body(studio: Studio) -> GpusBody:
    profile = studio.installation.profile
    ledger = (
        LedgerBody(
            deployment=one.deployment,
            predicted_gb=one.predicted_gb,
            share=one.share,
            limit_gb=one.limit_gb,
            replicas_always=one.always,
            replicas_most=one.most,
        )
        for one in studio.installation.ledger
    )
    return GpusBody(count=profile.gpus, memory_gb=profile.gpu_memory_gb, ledger=tuple(ledger))

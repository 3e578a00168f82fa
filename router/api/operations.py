"""GET /operations: what an operator sees of the studio."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from fastapi import APIRouter

from configs.schema import GeneratorPlacement
from configs.version import VERSION
from deployments.blobs.outage import Availability
from router.api.deps import ConductorDep, StudioDep
from router.api.operations_schemas import (
    DeploymentStateBody,
    GpusBody,
    LedgerBody,
    ModelLoadBody,
    OperationsBody,
    ReplicaStateBody,
    StoresBody,
    StoreStateBody,
    WorkBody,
)
from router.operations.overview import Overview, Start, dashboard_of, look
from router.operations.survey import DeploymentSurvey
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
        deployments=None if seen.survey is None else tuple(map(_deployment_body, seen.survey.deployments)),
        models=tuple(_model_bodies(studio, seen)),
        gpus=_gpus_body(studio),
    )


def _store_body(availability: Availability) -> StoreStateBody:
    outage = availability.outage
    return StoreStateBody(ok=outage is None, detail="" if outage is None else outage.reason)


def _deployment_body(one: DeploymentSurvey) -> DeploymentStateBody:
    return DeploymentStateBody(
        name=one.name,
        status=one.status,
        detail=one.detail,
        target_replicas=one.target,
        gpus=one.gpus,
        cpus=one.cpus,
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

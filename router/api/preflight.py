"""/datasets/{id}/preflight: what is wrong with a dataset, and what learning from it would cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from configs.catalog import Installation
from configs.datasets import DatasetConfig
from configs.errors import UnknownName
from configs.schema import ModelConfig
from deployments.stages.base import step_work
from router.api.dataset_schemas import FindingBody, PreflightBody, ScoreBody, TrainingCostBody
from router.api.datasets import At, DatasetId
from router.api.deps import StudioDep
from router.api.errors import error_responses
from router.capacity.cost import rate_of
from router.datasets.examination import Progress
from router.datasets.preflight.checking import Preflight
from router.datasets.preflight.cost import training_cost, usual_steps
from router.prompts.tokens import counter_of
from router.studio import Studio

routes = APIRouter(prefix="/datasets", tags=["datasets"])
_NOT_YET: dict[int | str, dict[str, Any]] = {202: {"model": PreflightBody, "description": "Not done yet: ask again"}}


@routes.get("/{id}/preflight", responses={**_NOT_YET, **error_responses(404, 422, 503)})
async def read_preflight(
    response: Response,
    studio: StudioDep,
    id: DatasetId,
    version: At = None,
    model: Annotated[str | None, Query(max_length=64, description="That is to learn; the studio's if absent")] = None,
    steps: Annotated[int | None, Query(ge=1, le=100_000, description="Of training; as is usual if absent")] = None,
    batch: Annotated[int | None, Query(ge=1, le=64)] = None,
    wait: Annotated[float, Query(ge=0, le=20, description="Seconds until it is answered how far it is")] = 5.0,
) -> PreflightBody:
    """Check a version: findings with pictures, reason and remedy, a score, and what learning from it will cost. 202
    while it is not done; it goes on, and is kept for who asks again."""
    _, entry, dataset = await studio.datasets.read(id, version)
    config = _model(studio.installation, model)
    progress = await studio.examiner.examine(
        entry.sha256, dataset, _preflight(studio.installation, config), config.id, wait
    )
    if progress.report is None:
        response.status_code, response.headers["Retry-After"] = 202, "1"
    cost = _cost(studio, config, dataset, steps, batch)
    return _body(entry.id, entry.version, progress, cost)


def _model(installation: Installation, named: str | None) -> ModelConfig:
    models = installation.catalog.models
    placed = tuple(dict.fromkeys(one.model for one in installation.profile.generators))
    if named is not None and named not in placed:
        message = f"'{named}' is not a model of this installation; choose one of {', '.join(placed)}"
        raise UnknownName(message, "model", placed)
    return models[named or installation.profile.default_model]


def _preflight(installation: Installation, model: ModelConfig) -> Preflight:
    counter, limit = counter_of(model, installation), model.text_length
    return Preflight.of(installation.catalog.dataset_rules, lambda text: counter.measure(text, limit).tokens, limit)


def _cost(
    studio: Studio, model: ModelConfig, dataset: DatasetConfig, steps: int | None, batch: int | None
) -> TrainingCostBody:
    installation = studio.installation
    rule = installation.catalog.dataset_rules.cost
    placed = next(one for one in installation.profile.generators if one.model == model.id)
    rate = rate_of(installation, placed.name)
    entry = next((one for one in installation.ledger if one.deployment == placed.name), None)
    cost = training_cost(
        steps=steps or usual_steps(len(dataset.pictures), rule, batch),
        batch=batch or rule.batch,
        pictures=len(dataset.pictures),
        forward_seconds=studio.rates.seconds(step_work(model.id, model.native_sizes[0]), model.seconds_per_step),
        factor=rule.factor["all"],
        rule=rule,
        gpu_share=entry.share if entry is not None and entry.share else 0.0,
    )
    return TrainingCostBody(
        model=model.id,
        steps=cost.steps,
        batch=batch or rule.batch,
        seconds=round(cost.seconds, 1),
        gpu_hours=round(cost.gpu_hours, 4),
        amount=None if rate is None else round(cost.seconds * rate.per_second, 4),
        currency=None if rate is None else rate.currency,
    )


def _body(id: str, version: str, progress: Progress, cost: TrainingCostBody) -> PreflightBody:
    report = progress.report
    if report is None:
        return PreflightBody(
            id=id, version=version, done=False, looked_at=progress.looked_at, total=progress.total, cost=cost
        )
    findings = (
        FindingBody(code=one.code, severity=one.severity, reason=one.reason, remedy=one.remedy, pictures=one.pictures)
        for one in report.findings
    )
    return PreflightBody(
        id=id,
        version=version,
        done=True,
        looked_at=progress.total,
        total=progress.total,
        refused=report.refused,
        score=ScoreBody(total=report.score.total, parts=dict(report.score.parts)),
        findings=tuple(findings),
        cost=cost,
    )

"""/datasets/{id}/preflight: what is wrong with a dataset, and what learning from it would cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from configs.catalog import Installation
from configs.datasets import DatasetConfig
from configs.errors import UnknownName
from configs.schema import ModelConfig
from configs.training_defaults import settings_of
from router.api.deps import StudioDep
from router.api.errors import error_responses
from router.api.training.dataset_schemas import FindingBody, PreflightBody, ScoreBody, TrainingCostBody
from router.api.training.datasets import At, DatasetId
from router.datasets.examination import Progress
from router.datasets.standards import preflight_for
from router.studio import Studio
from router.training.estimate import estimate_training

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
    """Check a version, for a training of `model` as is usual: findings with pictures, reason and remedy, a score, and
    what learning from it will cost. 202 while it is not done; it goes on, and is kept for who asks again."""
    _, entry, dataset = await studio.datasets.read(id, version)
    config = _model(studio.installation, model)
    preflight, manner = preflight_for(studio.installation, config)
    progress = await studio.examiner.examine(entry.sha256, dataset, preflight, manner, wait)
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


def _cost(
    studio: Studio, model: ModelConfig, dataset: DatasetConfig, steps: int | None, batch: int | None
) -> TrainingCostBody:
    installation, count = studio.installation, len(dataset.pictures)
    usual = settings_of(installation.catalog.trainings.get(model.family), model, dataset.asset_type, count)
    asked = {name: value for name, value in (("steps", steps), ("batch", batch)) if value is not None}
    settings = usual.model_copy(update=asked)
    trainer = next((one.name for one in installation.profile.trainers if one.model == model.id), "")
    cost = estimate_training(model, settings, count, trainer, installation, studio.rates)
    return TrainingCostBody(
        model=model.id,
        steps=settings.steps,
        batch=settings.batch,
        seconds=cost.seconds,
        gpu_hours=cost.gpu_hours,
        amount=cost.cost,
        currency=cost.currency,
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

"""What a training will probably take: seconds, memory, money. Pure; measured where this studio has trained before."""

from __future__ import annotations

from configs.catalog import Installation
from configs.memory import GB
from configs.schema import ModelConfig
from configs.training import TrainingSettings
from deployments.stages.base import step_work
from router.capacity.cost import rate_of
from router.rates import Rates
from router.training.plan import TrainingEstimate

_HOUR = 3600.0
_BACKWARD = {"attention": 2.3, "all": 2.8}
"""A step of learning takes so many steps of drawing: measured on mini, by what learns."""
_CHECKPOINTING = 1.4
_CONTRASTIVE = 1.5
_LOOKED_AT = 30
"""Pictures that are drawn with a checkpoint, with its share of those of the base and of the finalists."""
_CACHING = 3.0
"""Steps of drawing that a picture and its caption take to be encoded."""


def learning_work(model: str, settings: TrainingSettings) -> str:
    """The kind of work that learning from one picture once is, for rates."""
    way = "checkpointed" if settings.gradient_checkpointing else "kept"
    return f"learn:{model}:{settings.targets}:{settings.guidance}:{settings.base}:{way}:{settings.size or 'own'}"


def estimate_training(
    model: ModelConfig,
    settings: TrainingSettings,
    pictures: int,
    deployment: str,
    installation: Installation,
    rates: Rates,
    is_judged: bool = True,
) -> TrainingEstimate:
    """Of one run on so many pictures, waiting excluded."""
    drawing = rates.seconds(step_work(model.id, model.native_sizes[0]), model.seconds_per_step)
    work, guess = learning_work(model.id, settings), drawing * _times(settings)
    learning = rates.seconds(work, guess) * settings.steps * settings.batch * settings.accumulation
    judging = _judging(model, settings, drawing, rates) if is_judged else 0.0
    seconds = learning + pictures * _CACHING * drawing + judging
    price, predicted = rate_of(installation, deployment), installation.memory.get(model.id)
    placed = next((one for one in installation.profile.trainers if one.name == deployment), None)
    share = 0.0 if placed is None else placed.replicas.gpu_share
    return TrainingEstimate(
        steps=settings.steps,
        seconds=round(seconds, 1),
        gpu_hours=round(seconds * share / _HOUR, 4),
        memory_gb=None if predicted is None else round(predicted.total / GB, 1),
        cost=None if price is None else round(seconds * price.per_second, 4),
        currency=None if price is None else price.currency,
        measured=work in rates.measured,
    )


def judging_work(model: str) -> str:
    """The kind of work that looking at one checkpoint is, with its share of what is drawn for all, for rates."""
    return f"judge:{model}"


def _judging(model: ModelConfig, settings: TrainingSettings, drawing: float, rates: Rates) -> float:
    """Seconds to compare the checkpoints of a training."""
    kept = max(1, -(-settings.steps // settings.checkpoint_every))
    guess = _LOOKED_AT * min(model.steps.values()) * drawing  # it draws drafts
    return kept * rates.seconds(judging_work(model.id), guess)


def _times(settings: TrainingSettings) -> float:
    times = _BACKWARD[settings.targets]
    times *= _CHECKPOINTING if settings.gradient_checkpointing else 1.0
    return times * (_CONTRASTIVE if settings.guidance == "contrastive" else 1.0)

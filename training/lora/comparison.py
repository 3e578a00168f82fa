"""The checkpoints of a training compared, as a replica asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from configs.schema import ModelConfig
from configs.scorers import ScorerConfig
from configs.training import TrainingSettings
from training.lora.events import Wish
from training.lora.judging.events import JudgingEvent
from training.lora.pictures import TrainingPicture


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: `adapters` by step, trained on `pictures`, with the held-out `losses` that are known. In
    `folder` lies what was drawn for it."""

    model: ModelConfig
    adapters: Mapping[int, Path]
    pictures: Sequence[TrainingPicture]
    settings: TrainingSettings
    losses: Mapping[int, Mapping[float, float]]
    folder: Path


class Judge(Protocol):
    """Compares; ends with `Judged`, or `JudgingStopped` where `wanted` says so."""

    def __call__(
        self, asked: Comparison, trigger: str, dataset: str, wanted: Callable[[], Wish]
    ) -> Iterator[JudgingEvent]: ...


def judge_adapters(
    asked: Comparison,
    trigger: str,
    dataset: str,
    wanted: Callable[[], Wish],
    scorer: ScorerConfig | None = None,
) -> Iterator[JudgingEvent]:
    """As the model serves. Raises ConfigError where something that it takes cannot be loaded."""
    from deployments.families.registry import FAMILIES
    from deployments.scorers.table import load_scorer
    from training.lora.judging.judge import JudgingSettings, judge
    from training.lora.judging.painter import ServingPainter
    from training.lora.judging.run import KEPT
    from training.lora.lessons import share_out

    back = {one.sha256 for one in share_out(asked.pictures, asked.settings)[1]}
    yield from judge(
        asked.adapters,
        ServingPainter(FAMILIES.find(asked.model.family)(asked.model), asked.model),
        [replace(one, held_out=one.sha256 in back) for one in asked.pictures],
        JudgingSettings(trigger=trigger, dataset=dataset),
        wanted,
        scorer=load_scorer(scorer) if scorer else None,
        held_out_loss=asked.losses or None,
        folder=asked.folder / KEPT,
    )

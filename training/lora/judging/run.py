"""A training that has ended, judged where it lies: its checkpoints, the model that serves, and what scores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from configs.schema import ModelConfig
from configs.scorers import ScorerConfig
from configs.training import TrainingSettings
from deployments.families.registry import FAMILIES
from deployments.scorers.table import load_scorer
from training.lora import checkpoints
from training.lora.events import Wish
from training.lora.judging.events import JudgingEvent
from training.lora.judging.eyes import Network
from training.lora.judging.judge import JudgingSettings, judge
from training.lora.judging.painter import ServingPainter
from training.lora.lessons import share_out
from training.lora.pictures import TrainingPicture

KEPT = "judged"
"""The folder of a run in which its pictures of the grid are kept."""


def judge_run(
    run: Path,
    model: ModelConfig,
    pictures: Sequence[TrainingPicture],
    training: TrainingSettings,
    settings: JudgingSettings,
    wanted: Callable[[], Wish] = lambda: Wish.GO_ON,
    *,
    scorer: ScorerConfig | None = None,
    network: Path | None = None,
    held_out_loss: Mapping[int, Mapping[float, float]] | None = None,
) -> Iterator[JudgingEvent]:
    """Judge every whole checkpoint in the folder `run` of a training of `pictures` with the settings `training`, which
    say what was held back. Loads `model` as it serves, `scorer`, and the `network` in that folder, if there are any.

    Raises ConfigError where one of them cannot be loaded, or there is nothing to judge.
    """
    files = {checkpoints.read_progress(one).step: one / checkpoints.ADAPTER for one in checkpoints.whole(run)}
    back = {one.sha256 for one in share_out(pictures, training)[1]}
    told = [replace(one, held_out=one.sha256 in back) for one in pictures]
    painter = ServingPainter(FAMILIES.find(model.family)(model), model)
    yield from judge(
        files,
        painter,
        told,
        settings,
        wanted,
        scorer=load_scorer(scorer) if scorer else None,
        eyes=(Network(network),) if network else (),
        held_out_loss=held_out_loss,
        folder=run / KEPT,
    )

"""What a batch is wrong by: noise, target and prediction of each row, by the family's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from configs.training import TrainingSettings
from deployments.families.training import Conditions, Trainable
from training.lora import noise
from training.lora.cache import Lesson


@dataclass(frozen=True, slots=True)
class Loss:
    """`mean` is what is learned from; `by_noise` has each row's share of noise and its own, unweighted."""

    mean: torch.Tensor
    by_noise: Mapping[float, float]


class Learner:
    """How batches of a run are judged."""

    def __init__(self, trainable: Trainable, settings: TrainingSettings, empty: Conditions) -> None:
        """`empty` is the empty prompt, for captions that are left out."""
        self._trainable, self._settings, self._empty = trainable, settings, empty

    def loss(self, lessons: Sequence[Lesson], numbers: torch.Generator) -> Loss:
        """Of `lessons` of one shape; all that is random comes from `numbers`."""
        model, settings, count = self._trainable, self._settings, len(lessons)
        clean = torch.cat([one.latents for one in lessons]).to(model.device)
        random = noise.like(clean, numbers)
        s = noise.shares(count, settings, settings.shift or model.shift(clean), numbers).to(model.device)
        told = noise.guidances(count, settings, numbers).to(model.device)
        dropped = noise.dropped(count, settings, numbers)
        conditions = [self._empty if gone else one.conditions for one, gone in zip(lessons, dropped, strict=True)]
        noisy, target = model.noisy(clean, random, s), model.target(clean, random, s)
        if settings.guidance == "contrastive" and model.embeds_guidance:
            target = self._contrasted(noisy, s, target, told)
        return self._compare(model.predict(noisy, s, conditions, told), target, s)

    def _contrasted(
        self, noisy: torch.Tensor, s: torch.Tensor, target: torch.Tensor, told: torch.Tensor
    ) -> torch.Tensor:
        """What guidance at the scale that is told makes of `target`: away from what the model says without words."""
        with torch.no_grad():
            wordless = self._trainable.predict(noisy, s, [self._empty] * len(noisy), torch.ones_like(told))
        return wordless + _per_row(told, target) * (target - wordless)

    def _compare(self, predicted: torch.Tensor, target: torch.Tensor, s: torch.Tensor) -> Loss:
        rows = (predicted - target).square().flatten(1).mean(1)
        weighted = rows * self._trainable.weight(s, self._settings.min_snr)
        by_noise = dict(zip(s.tolist(), rows.detach().tolist(), strict=True))
        return Loss(weighted.mean(), by_noise)


def _per_row(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return values.view(-1, *[1] * (like.ndim - 1))

"""Loss of pictures that are held back, at fixed noise: what shows whether a run still learns or only remembers."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from configs.training import TrainingSettings
from deployments.families.training import Trainable
from training.lora import noise
from training.lora.cache import Lesson

SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
_SEED = 20
"""The same for every run: losses of runs with one target can be compared."""


class Validation:
    """Of one run. A model that embeds guidance is told 1, at which the target is the picture's own."""

    def __init__(self, trainable: Trainable, lessons: Sequence[Lesson], settings: TrainingSettings) -> None:
        self._trainable, self._lessons = trainable, lessons
        self._told = 1.0 if settings.guidance == "contrastive" else settings.guidance_scale

    def __bool__(self) -> bool:
        """Whether anything is held back."""
        return bool(self._lessons)

    @torch.no_grad()
    def losses(self) -> dict[float, float]:
        """Mean loss by share of noise."""
        totals = torch.zeros(len(SHARES))
        for place, lesson in enumerate(self._lessons):
            totals += self._of(lesson, place)
        return dict(zip(SHARES, (totals / len(self._lessons)).tolist(), strict=True))

    def _of(self, lesson: Lesson, place: int) -> torch.Tensor:
        model = self._trainable
        clean = lesson.latents.to(model.device).expand(len(SHARES), -1, -1, -1)
        random = noise.like(clean, noise.generator(_SEED, "validation", place))
        s = torch.tensor(SHARES, device=model.device)
        told = torch.full_like(s, self._told)
        predicted = model.predict(model.noisy(clean, random, s), s, [lesson.conditions] * len(SHARES), told)
        return (predicted - model.target(clean, random, s)).square().flatten(1).mean(1).cpu()

"""How a training is judged, and what of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from configs.judgement import GridPrompt
from training.lora.judging.grid import GridSize


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """`prompts` replace those that are made of the captions; `strengths` below 1 are for the finalists. Of a long run
    `most` checkpoints are looked at, and none whose look is not there yet by the loss of held-out pictures: more than
    `behind` times the least, at much noise, where loss ranks checkpoints as their pictures do."""

    trigger: str = ""
    dataset: str = ""
    prompts: tuple[GridPrompt, ...] = ()
    size: GridSize = field(default_factory=GridSize)
    seeds: tuple[int, ...] = (11, 12)
    strengths: tuple[float, ...] = (1.0, 0.8)
    most: int = 8
    behind: float = 1.25

    def choose(
        self, checkpoints: Mapping[int, Path], losses: Mapping[int, Mapping[float, float]] = MappingProxyType({})
    ) -> dict[int, Path]:
        """Evenly, up to the last, in the order of their steps. `losses` are step -> share of noise -> loss; of a
        checkpoint without one nothing is known, and it is looked at."""
        known = {step: losses[step][max(losses[step])] for step in checkpoints if losses.get(step)}
        late = {step: loss for step, loss in known.items() if math.isfinite(loss)}
        limit = min(late.values(), default=0.0) * self.behind
        steps = sorted(step for step in checkpoints if step not in late or late[step] <= limit)
        count = min(self.most, len(steps))
        wanted = {steps[len(steps) - 1 - place * len(steps) // count] for place in range(count)}
        return {step: checkpoints[step] for step in steps if step in wanted}

"""How a training is judged, and what of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from configs.judgement import GridPrompt
from training.lora.judging.grid import GridSize


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """`prompts` replace those that are made of the captions; `strengths` below 1 are for the finalists. Of a long run
    `most` checkpoints are looked at."""

    trigger: str = ""
    dataset: str = ""
    prompts: tuple[GridPrompt, ...] = ()
    size: GridSize = field(default_factory=GridSize)
    seeds: tuple[int, ...] = (11, 12)
    strengths: tuple[float, ...] = (1.0, 0.8)
    most: int = 8

    def choose(self, checkpoints: Mapping[int, Path]) -> dict[int, Path]:
        """Evenly, up to the last, in the order of their steps."""
        steps = sorted(checkpoints)
        count = min(self.most, len(steps))
        wanted = {steps[len(steps) - 1 - place * len(steps) // count] for place in range(count)}
        return {step: checkpoints[step] for step in steps if step in wanted}

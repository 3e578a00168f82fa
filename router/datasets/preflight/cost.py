"""What a training will take, before it begins: time, hours of a GPU, money. Pure; every figure is given."""

from __future__ import annotations

import math
from dataclasses import dataclass

from configs.dataset_rules import CostRule


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """Seconds of each part on one device, and what these are worth. `amount` is None where nobody has said a price."""

    steps: int
    caching_seconds: float
    training_seconds: float
    judging_seconds: float
    gpu_hours: float
    amount: float | None = None
    currency: str = ""

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.caching_seconds + self.training_seconds + self.judging_seconds


def usual_steps(pictures: int, rule: CostRule, batch: int | None = None) -> int:
    """So many that each picture is looked at as often as is usual."""
    return max(1, math.ceil(pictures * rule.looks / (batch or rule.batch)))


def training_cost(
    *,
    steps: int,
    batch: int,
    pictures: int,
    forward_seconds: float,
    factor: float,
    rule: CostRule,
    gpu_share: float = 1.0,
    hourly_price: float | None = None,
    currency: str = "",
) -> TrainingCost:
    """`forward_seconds` is what the model takes for one picture and one step of drawing, `factor` how many of these a
    step of training takes per picture; `gpu_share` of a GPU is taken meanwhile (0 where it runs on a CPU), and an hour
    of all of it costs `hourly_price`.

    Seconds = steps x batch x forward x factor, and what encoding the pictures once and judging the checkpoints add.
    """
    training = steps * batch * forward_seconds * factor
    caching = pictures * forward_seconds * rule.cache_passes
    judging = training * rule.judging_passes
    hours = (training + caching + judging) / 3600
    amount = None if hourly_price is None else hours * (gpu_share or 1.0) * hourly_price
    return TrainingCost(steps, caching, training, judging, hours * gpu_share, amount, currency)

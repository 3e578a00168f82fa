"""What the losses of held-out pictures say of a run: they fall while it learns a look, and rise again once it learns
its pictures by heart."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

Losses = Mapping[int, Mapping[float, float]]
"""Step -> share of noise -> mean loss of the pictures that were held back, each time with the same noise."""


def late(losses: Mapping[float, float]) -> float:
    """At the most noise: there it follows the pictures best."""
    return losses[max(losses)]


def best_step(losses: Losses) -> int:
    """After which the mean over all shares of noise was least. Raises ValueError where nothing was measured."""
    return min(losses, key=lambda step: _mean(losses[step]))


def overfit(losses: Losses, step: int) -> float | None:
    """The mean loss after `step`, against the least up to then: 1 while it falls. None where none is known."""
    if step not in losses or not math.isfinite(_mean(losses[step])):
        return None
    return _mean(losses[step]) / max(min(_mean(one) for at, one in losses.items() if at <= step), 1e-6)


def _mean(losses: Mapping[float, float]) -> float:
    """Infinite where a loss is not a number."""
    found = float(np.mean([*losses.values()]))
    return found if math.isfinite(found) else math.inf

"""When a run has gone wrong: the loss is no number, or stays far above what it was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

MEMORY = 200
"""Losses that are looked back on."""
_TIMES, _PATIENCE = 3.0, 20


class Watch:
    """Of one run's losses."""

    def __init__(self, losses: Sequence[float] = ()) -> None:
        self._losses = list(losses)

    @property
    def losses(self) -> Sequence[float]:
        """The last, as many as matter."""
        return tuple(self._losses[-MEMORY:])

    def lost(self, loss: float, norm: float) -> bool:
        """Whether a step must not be taken: its loss or its gradient is no number."""
        return not (math.isfinite(loss) and math.isfinite(norm))

    def diverged(self, loss: float) -> bool:
        """Take in the loss of a step; whether it has been at three times the median of before for 20 steps."""
        self._losses = [*self.losses, loss]
        before, last = self._losses[:-_PATIENCE], self._losses[-_PATIENCE:]
        return len(before) >= _PATIENCE and min(last) > _TIMES * median(before)

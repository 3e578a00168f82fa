"""What a call of a whole pipeline costs: its steps, and what it does beside them (prompts read, pixels decoded)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import pairwise
from statistics import median_low

from deployments.engine.curve import CostCurve
from deployments.families.family import Work


class Laps:
    """The instants of one call: when it began, when each step was done, and when it returned."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.begun = clock()
        self.steps: list[float] = []
        self.ended: float | None = None

    def step(self) -> None:
        """A step is done."""
        self.steps.append(self._clock())

    def end(self) -> None:
        """The call has returned."""
        self.ended = self._clock()


class Costs:
    """Learned from calls. One thread observes; any may ask for `curve`."""

    def __init__(self, size: Callable[[Hashable], float]) -> None:
        self.curve = CostCurve(size)
        """Seconds of one step, by bucket and number of pictures."""
        self._beside = CostCurve(size)

    def observe(self, bucket: Hashable, pictures: int, laps: Laps) -> None:
        """Learn from a call. From one of a single step nothing can be told apart, so nothing is learned."""
        gaps = [later - sooner for sooner, later in pairwise(laps.steps)]
        if not gaps:
            return
        step = median_low(gaps)
        self.curve.observe(bucket, pictures, step)
        if laps.ended is not None:
            self._beside.observe(bucket, pictures, laps.ended - laps.begun - step * len(laps.steps))

    def beside(self, bucket: Hashable, pictures: int = 1) -> int:
        """What a call does beside its steps, counted in steps."""
        step = self.curve.seconds(bucket, pictures)
        return round(self._beside.seconds(bucket, pictures) / step) if step else 0

    def alone(self, work: Work) -> float:
        """Seconds of a call for one such request."""
        return work.steps * self.curve.seconds(work.bucket, work.rows) + self._beside.seconds(work.bucket, work.rows)

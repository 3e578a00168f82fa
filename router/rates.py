"""How fast the stages are, learned from every finished one: the source of each time estimate."""

from __future__ import annotations

from collections.abc import Mapping

from configs.schema import ModelConfig
from deployments.messages import ModelState
from deployments.stages.base import step_work

_WEIGHT = 0.25  # of the newest observation in the moving average
_LEAST = 1e-6  # seconds, so that what took no time can be averaged, too


class Rates:
    """Moving averages of the seconds of each kind of work; a config's guess stands until something is measured.

    Averages are geometric: how long work takes varies by factors (a picture with many outlines, a machine that is
    busy), and one that took ten times as long is not to make the next ten look slow.
    """

    def __init__(self) -> None:
        self._measured: dict[str, float] = {}
        self._recalled: dict[str, float] = {}

    @property
    def measured(self) -> dict[str, float]:
        """All that was measured, by kind of work: to be kept, and to be recalled by whoever starts next."""
        return {**self._recalled, **self._measured}

    def recall(self, seconds: Mapping[str, float]) -> None:
        """What was measured before this process, or by another, in place of what was recalled before; what was
        measured here counts more."""
        self._recalled = dict(seconds)

    def seconds(self, work: str, guess: float) -> float:
        """Of one unit of `work`, or `guess` until it was measured."""
        return self._measured.get(work, self._recalled.get(work, guess))

    def observe_state(self, model: ModelConfig, state: ModelState) -> None:
        """What a replica measured of itself: today one figure, at the first native size.

        The one place to read a replica's whole cost curve, once `ModelState` carries it.
        """
        self.observe(step_work(model.id, model.native_sizes[0]), state.seconds_per_step)

    def observe(self, work: str, seconds: float) -> None:
        """One unit of `work` took `seconds`."""
        seen = max(seconds, _LEAST)
        known = self._measured.get(work, self._recalled.get(work, seen))
        self._measured[work] = known * (seen / known) ** _WEIGHT

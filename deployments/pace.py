"""How often watchers hear of steps: a message takes milliseconds of several processes, and eyes see ten a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from deployments.messages import StepDone

SECONDS = 0.1


class Pace:
    """Of one picture's steps: the first, the last, those with a preview, and in between one every `seconds`."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._told = float("-inf")

    def is_due(self, done: StepDone) -> bool:
        """Whether to tell of this step; the caller does, if so."""
        now = self._clock()
        due = done.step in (1, done.steps) or done.preview is not None or now - self._told >= self._seconds
        if due:
            self._told = now
        return due

"""Watchers hear of few steps of a fast model, of every step of a slow one, and always of the first and the last."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from deployments.messages import StepDone
from deployments.pace import Pace


def told(step_seconds: float, steps: int, previews: Sequence[int] = ()) -> list[int]:
    """The steps that are due at a pace of one a second, when each takes `step_seconds`."""
    now = [0.0]
    pace, due = Pace(1.0, lambda: now[0]), []
    for step in range(1, steps + 1):
        now[0] += step_seconds
        if pace.is_due(StepDone(step, steps, b"RIFF" if step in previews else None)):
            due.append(step)
    return due


@pytest.mark.parametrize(
    ("step_seconds", "steps", "due"),
    [(0.25, 12, [1, 5, 9, 12]), (0.01, 20, [1, 20]), (1.0, 4, [1, 2, 3, 4]), (30.0, 3, [1, 2, 3]), (0.01, 1, [1])],
)
def test_between_the_first_and_the_last_step_time_decides(step_seconds: float, steps: int, due: list[int]) -> None:
    assert told(step_seconds, steps) == due


def test_a_preview_is_told_of_at_once_and_counts() -> None:
    assert told(0.25, 12, previews=[3]) == [1, 3, 7, 11, 12]

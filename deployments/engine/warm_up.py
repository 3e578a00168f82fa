"""The first pictures of an engine: they pay for memory and kernels, and teach it what a step costs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from deployments.engine.curve import CostCurve
from deployments.families.family import WARM_UP_ROWS, AnyFamily
from deployments.messages import GenerateRequest

log = logging.getLogger(__name__)

_STEPS = 3


def learn_curve(
    family: AnyFamily, request: GenerateRequest, curve: CostCurve, rows: int, clock: Callable[[], float]
) -> None:
    """Measure a step of `request`'s bucket for 1, 2, 4 … requests at once, at most `rows` lines, and draw one out.

    Raises what the model raises when it cannot even draw one. Where memory does not suffice for more, the curve ends.
    """
    draw_once(family, request)
    work = family.work(request)
    for count in (n for n in WARM_UP_ROWS if n * work.rows <= rows):
        try:
            _measure(family, request, curve, count, clock)
        except Exception as error:  # noqa: BLE001 - too much at once for this device: a limit to learn, not a fault
            if count == 1:
                raise
            log.warning("%d pictures at once are too many (%s)", count, type(error).__name__)
            return


def draw_once(family: AnyFamily, request: GenerateRequest) -> None:
    """Draw `request` in few steps and throw it away: does the device draw at all?"""
    conditioning = family.encode(request.prompt, request.negative_prompt)
    state = family.start(replace(request, num_inference_steps=1), conditioning)
    while state.step < state.steps:
        family.step([state])
    family.decode(state)


def _measure(
    family: AnyFamily, request: GenerateRequest, curve: CostCurve, count: int, clock: Callable[[], float]
) -> None:
    conditioning = family.encode(request.prompt, request.negative_prompt)
    states = [
        family.start(replace(request, seed=seed, num_inference_steps=_STEPS), conditioning) for seed in range(count)
    ]
    rows = sum(state.rows for state in states)
    family.step(states)  # pays for memory and kernels that the others reuse
    for _ in range(_STEPS - 1):
        begun = clock()
        family.step(states)
        curve.observe(states[0].bucket, rows, clock() - begun)

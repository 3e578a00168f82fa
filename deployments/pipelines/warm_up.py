"""The first calls of a pipeline: they pay for memory and kernels, teach what a call costs, and show whether pictures
come out of a shared call as they come out of one of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from deployments.messages import GenerateRequest, Picture
from deployments.pipelines.costs import Costs, Laps
from deployments.pipelines.whole import Stopped, Watch, Whole

log = logging.getLogger(__name__)

# Steps of a call that is only measured.
_STEPS = 3
# In 8-bit levels, on average: what another order of additions may change of a picture, and a wrong one never keeps to.
_ALIKE = 2.0


def learn(whole: Whole, request: GenerateRequest, costs: Costs, most: int, clock: Callable[[], float]) -> int:
    """Draw `request` alone, then with 1, 3, 7 … others, and return how many may share a call; at most `most`.

    Raises what the model raises when it cannot even draw one. A pipeline that cannot draw several at once, or whose
    picture changes with the company (looked at unless `proven`), draws one at a time.
    """
    alone = [replace(request, num_inference_steps=whole.least_steps)]
    [expected] = _draw(whole, alone, None, costs, clock)
    able, count = 1, 2
    while count <= most:
        group = [*alone, *(_other(alone[0], seed) for seed in range(1, count))]
        try:
            pictures = _draw(whole, group, _STEPS if whole.proven or count > 2 else None, costs, clock)
        except Exception as error:  # noqa: BLE001 - a limit to learn, not a fault
            log.warning("%d pictures in one call are too many (%s)", count, type(error).__name__)
            return able
        if pictures and _distance(pictures[0], expected) > _ALIKE:
            log.warning("this pipeline draws another picture in company: it draws one at a time")
            return 1
        able, count = count, count * 2
    return able


def draw_a_step(whole: Whole, request: GenerateRequest) -> None:
    """Take one step of `request`: does the device draw at all?"""
    try:
        whole.draw([replace(request, num_inference_steps=whole.least_steps)], _until(1, None))
    except Stopped:
        return


def _draw(
    whole: Whole, group: Sequence[GenerateRequest], steps: int | None, costs: Costs, clock: Callable[[], float]
) -> list[Picture]:
    """One call, measured; stopped after `steps` if they are given, and then without pictures."""
    laps = Laps(clock)
    pictures: list[Picture] = []
    try:
        pictures = whole.draw(group, _until(steps, laps))
        laps.end()
    except Stopped:
        if steps is None:
            raise
    costs.observe(whole.work(group[0]).bucket, len(group), laps)
    return pictures


def _until(last: int | None, laps: Laps | None) -> Watch:
    def watch(step: int, _: int) -> None:
        if laps is not None:
            laps.step()
        if last is not None and step >= last:
            raise Stopped

    return watch


def _other(request: GenerateRequest, seed: int) -> GenerateRequest:
    """Another picture and another length of prompt, which is what company could wrongly change."""
    return replace(request, seed=seed, prompt=" ".join([request.prompt] * (seed + 1)))


def _distance(one: Picture, other: Picture) -> float:
    """The mean difference in levels."""
    return sum(abs(a - b) for a, b in zip(one.rgb, other.rgb, strict=True)) / len(other.rgb)

"""Ways to scale: production's own decision, and what it is measured against."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from router.capacity.decide import decide
from router.capacity.decision import Decision, Memory, Reason
from router.capacity.policy import Policy
from router.capacity.world import DeploymentState, World


class Scaling(Protocol):
    """Told how the world stands, says how many replicas each deployment is to have."""

    def __call__(self, world: World) -> tuple[Decision, ...]: ...


def planned(policy: Policy) -> Scaling:
    """As production: `decide`, which remembers what it said that it would."""
    memory = Memory()

    def scale(world: World) -> tuple[Decision, ...]:
        nonlocal memory
        outcome = decide(world, policy, memory)
        memory = outcome.memory
        return outcome.decisions

    return scale


def fixed(replicas: Callable[[str], int]) -> Scaling:
    """So many of each, always."""

    def scale(world: World) -> tuple[Decision, ...]:
        return tuple(_decision(state, replicas(state.name)) for state in world.deployments)

    return scale


def each_alone(keep_seconds: float, target_seconds: float = 30.0) -> Scaling:
    """Each deployment for itself, as autoscalers do that see one: queued seconds over a target, and what has had
    nothing to do for `keep_seconds` goes."""
    last_needed: dict[tuple[str, int], float] = {}

    def scale_one(state: DeploymentState, now: float) -> Decision:
        wanted = min(math.ceil(state.work / target_seconds), max(state.at_once, 1), state.most) if state.busy else 0
        for rank in range(1, wanted + 1):
            last_needed[state.name, rank] = now
        kept = wanted
        while now - last_needed.get((state.name, kept + 1), -math.inf) < keep_seconds and kept < state.current:
            kept += 1
        return _decision(state, max(kept, wanted))

    def scale(world: World) -> tuple[Decision, ...]:
        return tuple(scale_one(state, world.now) for state in world.deployments if state.busy or state.current)

    return scale


def _decision(state: DeploymentState, desired: int) -> Decision:
    kind = next(iter(state.kinds), None)
    return Decision(state.name, state.current, max(desired, state.least), Reason.ENOUGH, kind, desired)

"""Nodes that were asked for and do not come: after a while no more are asked for, so that another kind is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from router.capacity.decision import Memory
from router.capacity.policy import Policy
from router.capacity.world import DeploymentState, World

_LEAST_SECONDS = 60.0  # that a node is given, also where it is said to come at once


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Kinds that give no nodes for now, and until when."""

    until: Mapping[str, float]

    @classmethod
    def after(cls, world: World, policy: Policy, memory: Memory) -> Exhausted:
        """Those that are known, while it lasts, and those that have kept somebody waiting for too long."""
        until = {name: end for name, end in memory.exhausted_until.items() if end > world.now}
        for kind in world.kinds:
            patience = policy.exhausted_after * max(kind.start_seconds, _LEAST_SECONDS)
            if kind.pending and kind.pending_seconds > patience and kind.name not in until:
                until[kind.name] = world.now + policy.exhausted_seconds
        return cls(until)

    def closed(self, now: float) -> frozenset[str]:
        return frozenset(name for name, end in self.until.items() if end > now)


def without_lost(state: DeploymentState, closed: frozenset[str]) -> DeploymentState:
    """`state` without the replicas that start on kinds that give no nodes."""
    if not state.starting or not closed.intersection(state.homes):
        return state
    homes = state.homes
    starting = zip(state.starting, homes[state.running :], strict=True)
    coming = [(eta, home) for eta, home in starting if home not in closed]
    places = (*homes[: state.running], *(home for _, home in coming))
    return replace(state, starting=tuple(eta for eta, _ in coming), places=places)

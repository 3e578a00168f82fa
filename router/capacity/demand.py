"""How many replicas the work of a deployment needs, by how long it would be waited for."""

from __future__ import annotations

import math

from router.capacity.world import DeploymentState


def drain_seconds(state: DeploymentState) -> float:
    """Until what runs and starts has done all that there is: how long somebody who comes now waits; infinite where
    nothing runs or starts and there is work."""
    work = state.work
    if work <= 0:
        return 0.0
    there, at = state.running, 0.0
    for coming in (*sorted(state.starting), math.inf):
        done = there * (coming - at) if there else 0.0
        if done >= work:
            return at + work / there
        work, at, there = work - done, coming, there + 1
    return math.inf


def needed(state: DeploymentState, slo: float, start: float) -> int:
    """The fewest replicas that do within H = max(slo, 2 x start) what there is and what comes meanwhile, where each
    that is not there yet works for what its start leaves of H. No more than there can be requests at a time."""
    horizon = max(slo, 2 * start)
    to_do = state.work + _arriving(state) * horizon
    done = state.running * horizon + sum(max(horizon - eta, 0.0) for eta in state.starting)
    more = math.ceil((to_do - done) / (horizon - start) - 1e-9)
    return min(state.current + more, _at_once(state)) if more > 0 else min(kept(state, slo, start), state.current)


def kept(state: DeploymentState, slo: float, start: float) -> int:
    """The fewest that would do it, were they all there already: what is more than that may go."""
    if not state.busy:
        return 0
    horizon = max(slo, 2 * start)
    wanted = math.ceil((state.work + _arriving(state) * horizon) / horizon - 1e-9)
    return max(min(wanted, _at_once(state)), 1)


def _at_once(state: DeploymentState) -> int:
    return max(state.at_once, 1)


def _arriving(state: DeploymentState) -> float:
    return state.arriving * state.corrected

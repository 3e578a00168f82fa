"""What each deployment would have if it were alone: how many replicas, why, and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass

from router.capacity.decision import Memory, Reason
from router.capacity.demand import drain_seconds, kept, needed
from router.capacity.policy import Policy, floor, keep_alive_seconds, slo_seconds
from router.capacity.world import DeploymentState, KindState


@dataclass(frozen=True, slots=True)
class Wish:
    """`count` replicas, for a `reason`. `floor` of them are kept whatever happens; others make room where somebody
    waits."""

    count: int
    reason: Reason
    floor: int = 0
    idle_since: float | None = None
    surplus_since: float | None = None


def wish(
    state: DeploymentState, kind: KindState | None, start: float, policy: Policy, memory: Memory, now: float
) -> Wish:
    """Within the bounds of the deployment. `start` is what one more replica would take, its node included."""
    least, why = floor(policy, state, now)
    slo = slo_seconds(policy, state)
    up = _up(state, slo, start)
    idle = None if state.busy else memory.idle_since.get(state.name, now)
    if up is not None and up[0] >= max(least, state.current + 1):
        return Wish(min(up[0], max(state.most, least)), up[1], least)
    if least > state.current:
        return Wish(least, why, least, idle)
    keep = max(kept(state, slo, start), least)
    if keep >= state.current or state.current <= least:
        return Wish(state.current, _steady(state, least, why), least, idle)
    if state.starting:
        return Wish(state.current, Reason.HOLD_PENDING, least, idle)
    return _down(state, least, idle, keep_alive_seconds(policy, state, kind), memory, now)


def _up(state: DeploymentState, slo: float, start: float) -> tuple[int, Reason] | None:
    """More than there are; None where more would not come in time to be of use."""
    if not state.busy:
        return None
    if state.current == 0:
        return max(needed(state, slo, start), 1), Reason.WAKE
    if drain_seconds(state) <= max(slo, start):
        return None
    if (wanted := needed(state, slo, start)) > state.current:
        return wanted, Reason.BACKLOG
    late = state.waiting_jobs > 0 and state.oldest_wait_seconds > slo and not state.starting
    return (state.current + 1, Reason.SLO) if late and state.at_once > state.current else None


def _steady(state: DeploymentState, least: int, why: Reason) -> Reason:
    return why if not state.busy and least and state.current <= least else Reason.ENOUGH


def _down(
    state: DeploymentState, least: int, idle: float | None, keep_alive: float, memory: Memory, now: float
) -> Wish:
    """All of a deployment that has had nothing to do for so long; else one of those that it has not needed for so
    long."""
    surplus = memory.surplus_since.get(state.name, now)
    if idle is not None and now - idle >= keep_alive:
        return Wish(least, Reason.IDLE, least, idle)
    if now - surplus >= keep_alive and state.busy:
        return Wish(state.current - 1, Reason.IDLE, least, idle, now)
    return Wish(state.current, Reason.KEEP_ALIVE, least, idle, surplus)

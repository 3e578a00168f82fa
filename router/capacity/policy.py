"""What a policy asks of one deployment: how long it may be waited for, how long it stays, how many are kept."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from configs.capacity import CapacityPolicy
from router.capacity.decision import Reason
from router.capacity.world import DeploymentState, KindState

Policy = CapacityPolicy

_LEAST_ALIVE, _MOST_ALIVE = 60.0, 3600.0  # between which break-even stays


def slo_seconds(policy: Policy, state: DeploymentState) -> float:
    """That one of its jobs may wait."""
    return state.slo_seconds if policy.slo_seconds is None else policy.slo_seconds


def keep_alive_seconds(policy: Policy, state: DeploymentState, kind: KindState | None) -> float:
    """That a replica stays without work.

    Break-even is ski rental: as long as a start takes, which is at most twice the best in hindsight; longer, by what an
    hour of a waiting person costs beside an hour of the GPU.
    """
    asked = policy.keep_alive_seconds
    if asked is None:
        return state.keep_alive_seconds
    if asked != "break-even":
        return asked
    start = state.start_seconds + (0.0 if kind is None else kind.start_seconds)
    rent = 0.0 if kind is None else kind.price
    worth = start * (1 + policy.waiting_cost_per_hour / rent) if rent else _MOST_ALIVE
    return min(max(worth, _LEAST_ALIVE), _MOST_ALIVE)


def floor(policy: Policy, state: DeploymentState, now: float) -> tuple[int, Reason]:
    """Replicas that are kept whatever there is to do, and why."""
    floors = [(state.least, Reason.MINIMUM), (_scheduled(policy, state, now), Reason.SCHEDULE)]
    floors.append((_foreseen(policy, state), Reason.FORECAST))
    most = max(floors, key=lambda one: one[0])
    return min(most[0], state.most), most[1]


def _scheduled(policy: Policy, state: DeploymentState, now: float) -> int:
    if not policy.warm:
        return 0
    here = datetime.fromtimestamp(now, UTC).astimezone(policy.zone)
    concerned = (one for one in policy.warm if not one.deployments or state.name in one.deployments)
    return max((one.replicas for one in concerned if one.schedule.contain(here)), default=0)


def _foreseen(policy: Policy, state: DeploymentState) -> int:
    terms = policy.forecast
    if terms is None or state.foreseen is None or state.foreseen_jobs_per_hour < terms.min_jobs_per_hour:
        return 0
    return math.ceil(state.foreseen * terms.factor)

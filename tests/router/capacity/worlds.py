"""Small worlds, and a toy cluster in which what was decided comes true a while later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from router.capacity.decide import decide
from router.capacity.decision import Memory, Outcome
from router.capacity.policy import Policy
from router.capacity.world import DeploymentState, KindState, World

GB = 1e9
MONDAY = 1_764_547_200.0  # 2025-12-01 00:00 UTC
T4 = KindState("t4", 16 * GB, most=4, price=0.5, start_seconds=100, speed=0.1)
A100 = KindState("a100", 80 * GB, most=2, price=4.0, start_seconds=100, speed=1.0)
POLICY = Policy(slo_seconds=30, keep_alive_seconds=300.0)


def deployment(name: str = "flux", **known: Any) -> DeploymentState:
    usual: dict[str, Any] = {
        "bytes": 10 * GB,
        "kinds": ("t4",),
        "most": 8,
        "at_once": 16,
        "start_seconds": 10,
        "seconds_per_job": 10,
    }
    return DeploymentState(name, **(usual | known))


def busy(name: str = "flux", seconds: float = 10.0, **known: Any) -> DeploymentState:
    return deployment(name, waiting_seconds=seconds, waiting_jobs=max(int(seconds / 10), 1), **known)


def world(*deployments: DeploymentState, kinds: tuple[KindState, ...] = (T4,), now: float = MONDAY) -> World:
    return World(now, deployments, kinds)


def settle(state: DeploymentState, ticks: int, policy: Policy = POLICY, step: float = 2.0) -> list[Outcome]:
    """What is decided while the load stays as it is, and replicas are there at the next tick."""
    memory, told = Memory(), []
    for tick in range(ticks):
        outcome = decide(world(state, now=MONDAY + tick * step), policy, memory)
        memory = outcome.memory
        told.append(outcome)
        state = replace(state, running=outcome.decisions[0].desired, starting=())
    return told

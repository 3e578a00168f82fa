"""A deployment under our policy on a real Ray: it follows what is decided, and holds when nobody decides any more.

`python -m tests.cluster.followed FILE` writes what was seen to a file, for `test_capacity.py`: Ray runs in a process of
its own.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import ray
from pydantic import BaseModel
from ray import serve as ray_serve

from router.capacity.decide import decide
from router.capacity.report import Record, Report
from router.capacity.world import DeploymentState, World
from serve.app import _deploy
from serve.capacity_notice import CapacityNotice
from serve.starts import count_running
from serve.survey import survey_application
from tests.router.capacity.worlds import POLICY

APPLICATION, NAME = "followed", "generator-followed"
STALE_SECONDS = 3.0


class Seen(BaseModel):
    """Replicas that run: before anything was decided, when one was, while nobody decided (for how many seconds), and
    in the end. `nodes` are those that the survey has found."""

    asleep: int = -1
    woken: int = -1
    held: int = -1
    silent_seconds: float = 0.0
    gone: int = -1
    nodes: int = 0
    told: str = ""


class Idler:
    """A replica to which nothing is sent."""

    def record_autoscaling_stats(self) -> dict[str, float]:
        return {"backlog_seconds": 0.0}


def main(file: Path) -> None:
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False, object_store_memory=80 * 2**20)
    try:
        ray_serve.start(proxy_location="Disabled")
        ray_serve.run(_application(), name=APPLICATION, route_prefix=None)
        file.write_text(asyncio.run(live()).model_dump_json(indent=2))
    finally:
        ray_serve.shutdown()  # type: ignore[no-untyped-call]
        ray.shutdown()


def _application() -> ray_serve.Application:
    from configs.replicas import GeneratorReplicas

    policy = {
        "policy_function": "serve.autoscaling:BacklogPolicy",
        "policy_kwargs": {"seconds_per_request": 1.0, "target_seconds": 10.0, "stale_seconds": STALE_SECONDS},
    }
    scaling = {"min_replicas": 0, "max_replicas": 2, "upscale_delay_s": 0, "downscale_delay_s": 0.5, "policy": policy}
    replicas = GeneratorReplicas(min_replicas=0, max_replicas=2, drain_seconds=1)
    return _deploy(Idler, NAME, replicas, autoscaling_config=scaling).bind()


async def live() -> Seen:
    seen, notice = Seen(asleep=count_running(NAME)), CapacityNotice(APPLICATION)
    waits = DeploymentState(NAME, waiting_seconds=5, waiting_jobs=1, jobs=1)
    seen.woken = await _until(notice, waits, 1)
    begun = time.monotonic()
    while time.monotonic() - begun < 3 * STALE_SECONDS:  # nobody decides: nothing else tells that it is long enough
        await asyncio.sleep(0.2)
    seen.silent_seconds, seen.held = time.monotonic() - begun, count_running(NAME)
    seen.gone = await _until(notice, DeploymentState(NAME), 0)
    told = await notice.read()
    seen.told = str(told.told[0].decision.reason) if told is not None else ""
    seen.nodes = len(survey_application(APPLICATION).nodes)
    return seen


async def _until(notice: CapacityNotice, state: DeploymentState, replicas: int) -> int:
    """Decide over and over, as a conductor does, until so many run."""
    deadline = time.monotonic() + 120
    while count_running(NAME) != replicas and time.monotonic() < deadline:
        await notice.write(_report(state))
        await asyncio.sleep(0.5)
    return count_running(NAME)


def _report(state: DeploymentState) -> Report:
    world, policy = World(time.time(), (state,)), POLICY.model_copy(update={"keep_alive_seconds": 0.0})
    record = Record()
    record.note(world, policy, decide(world, policy))
    return record.report(world)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

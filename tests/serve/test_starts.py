"""Who waits for the first replica of a deployment is told so; everybody else hears what they would have heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from ray import serve as ray_serve
from ray.serve._private.common import ReplicaState

from configs.sharing import SharedReplicas
from deployments.messages import Loading, StepDone, Told
from deployments.sharing.times import LoadTimes
from serve.starts import OnDemand, Starts, count_running, on_demand
from tests.catalogue import load_installation

pytestmark = pytest.mark.anyio
STEPS = [StepDone(1, 2), StepDone(2, 2)]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def replica(seconds: float) -> AsyncIterator[Told]:
    """Begins to draw after `seconds`."""
    await asyncio.sleep(seconds)
    for step in STEPS:
        yield step


def starts(tmp_path: Path, running: int = 0) -> Starts:
    model = load_installation("local").catalog.models["mini"]
    times = LoadTimes(tmp_path / "loads")
    return Starts({"generator-mini": OnDemand(model, 1e9)}, lambda _: running, times, patience_seconds=0.05)


async def hear(some: Starts, seconds: float, deployment: str = "generator-mini") -> list[Told]:
    return [message async for message in some.announce(deployment, replica(seconds))]


async def test_who_waits_for_a_replica_to_start_is_told_and_the_next_estimate_is_learned(tmp_path: Path) -> None:
    some = starts(tmp_path)
    guess, *rest = await hear(some, 0.3)
    assert isinstance(guess, Loading)
    assert (guess.model, rest) == ("mini", STEPS)
    learned = (await hear(some, 0.3))[0]
    assert isinstance(learned, Loading)
    assert learned.eta_seconds < guess.eta_seconds


async def test_who_waits_for_a_busy_replica_hears_of_no_start(tmp_path: Path) -> None:
    assert await hear(starts(tmp_path, running=1), 0.3) == STEPS


async def test_a_replica_that_answers_is_not_asked_about(tmp_path: Path) -> None:
    def ask(_: str) -> int:
        raise AssertionError("nobody asks")

    some = starts(tmp_path)
    some._running = ask
    some._patience = 10
    assert await hear(some, 0.0) == STEPS
    assert await hear(some, 0.0, "shared-gpu") == STEPS


async def test_a_controller_that_does_not_answer_costs_the_estimate_only(tmp_path: Path) -> None:
    def fail(_: str) -> int:
        raise RuntimeError("no controller")

    some = starts(tmp_path)
    some._running = fail
    assert await hear(some, 0.2) == STEPS


@pytest.mark.parametrize("running", ["RUNNING", ReplicaState.RUNNING])
def test_replicas_that_run_are_counted_however_ray_writes_their_state(
    running: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployments = {"generator-mini": SimpleNamespace(replica_states={running: 2, "STARTING": 1})}
    status = SimpleNamespace(applications={"atelier": SimpleNamespace(deployments=deployments)})
    monkeypatch.setattr(ray_serve, "status", lambda: status)
    assert (count_running("generator-mini"), count_running("generator-other")) == (2, 0)


def test_only_placements_that_may_have_no_replica_are_asked_about() -> None:
    assert on_demand(load_installation("local")) == {}
    installation = load_installation("local")
    (mini,) = installation.profile.generators
    sleepy = mini.model_copy(update={"replicas": mini.replicas.model_copy(update={"min_replicas": 0})})
    profile = installation.profile.model_copy(update={"generators": (sleepy,)})
    assert list(on_demand(installation.model_copy(update={"profile": profile}))) == ["generator-mini"]
    shared = mini.model_copy(update={"share": "box"})
    profile = installation.profile.model_copy(
        update={"generators": (shared,), "shared": {"box": SharedReplicas(keep_alive_seconds=60)}}
    )
    assert list(on_demand(installation.model_copy(update={"profile": profile}))) == ["shared-box/mini"]


async def test_before_anything_is_asked_of_it_a_start_is_expected_where_no_replica_runs(tmp_path: Path) -> None:
    assert await starts(tmp_path).ahead("generator-mini") > 10
    assert await starts(tmp_path, running=1).ahead("generator-mini") == 0
    assert await starts(tmp_path).ahead("generator-kept") == 0


async def test_shared_replicas_are_asked_for_by_their_own_name_and_tell_of_loads_themselves(tmp_path: Path) -> None:
    asked = []
    some = starts(tmp_path)
    some._models = {"shared-box/mini": replace(some._models["generator-mini"], shared=True)}
    some._running = lambda name: asked.append(name) or 0  # type: ignore[func-returns-value]
    assert await some.ahead("shared-box/mini") > 10
    assert asked == ["shared-box"]
    assert await hear(some, 0.2, "shared-box/mini") == STEPS
    assert some.loads_on_demand("shared-box/mini")
    assert not some.loads_on_demand("shared-box/other")

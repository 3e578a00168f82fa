"""Estimates over handles: a replica is asked only where one runs, and nobody waits for the answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ray.exceptions import RayTaskError, ReferenceCountingAssertionError

from configs.errors import StageUnavailable
from deployments.messages import ModelState
from deployments.sharing.times import LoadTimes
from deployments.stages.encode import FinishRequest
from serve import handles
from serve.handles import RayReplicas
from serve.starts import OnDemand, Starts
from tests.catalogue import load_installation
from tests.deployments.pictures import RECIPE

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Replica:
    """A handle of a deployment whose one replica says that its model is `loaded`, or what happens instead."""

    def __init__(self, loaded: bool = False, delay: float = 0.0, error: Exception | None = None) -> None:
        self._loaded, self._delay, self._error = loaded, delay, error
        self.asked: list[tuple[str, ...]] = []

    @property
    def state(self) -> Any:
        return self

    async def remote(self, *variant: str) -> ModelState:
        self.asked.append(variant)
        await asyncio.sleep(self._delay)
        if self._error is not None:
            raise self._error
        return ModelState("mini", "", "cpu", "float32", 0.1, loaded=self._loaded, load_seconds=42.0)


def stages(folder: Path, replica: Any, running: int = 1) -> RayReplicas:
    mini = load_installation("local").catalog.models["mini"]
    models = {"generator-sleepy": OnDemand(mini, 0), "shared-box/mini": OnDemand(mini, 0, shared=True)}
    starts = Starts(models, lambda _: running, LoadTimes(folder))
    return RayReplicas(dict.fromkeys(["generator-mini", "generator-sleepy", "shared-box"], replica), starts)


@pytest.mark.parametrize("placement", ["generator-sleepy", "shared-box/mini"])
async def test_a_deployment_without_a_replica_is_not_asked_since_that_would_start_one(
    tmp_path: Path, placement: str
) -> None:
    replica = Replica()
    assert await stages(tmp_path, replica, running=0).cold_start(placement) > 10
    assert replica.asked == []


@pytest.mark.parametrize(("loaded", "seconds"), [(False, 42.0), (True, 0.0)])
async def test_a_replica_that_is_shared_knows_how_long_its_model_takes(
    tmp_path: Path, loaded: bool, seconds: float
) -> None:
    replica = Replica(loaded)
    assert await stages(tmp_path, replica).cold_start("shared-box/mini") == seconds
    assert replica.asked == [("mini",)]


@pytest.mark.parametrize("placement", ["generator-mini", "generator-sleepy", "generator-unknown"])
async def test_a_replica_that_has_its_model_from_the_start_is_not_asked(tmp_path: Path, placement: str) -> None:
    replica = Replica()
    assert await stages(tmp_path, replica).cold_start(placement) == 0
    assert replica.asked == []


@pytest.mark.parametrize("trouble", [{"delay": 60.0}, {"error": StageUnavailable("gone")}])
async def test_a_replica_that_does_not_answer_costs_the_estimate_only(
    tmp_path: Path, trouble: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handles, "_ASK_SECONDS", 0.05)
    assert await stages(tmp_path, Replica(**trouble)).cold_start("shared-box/mini") == 0


class Undelivered:
    """A call whose picture was lost on the way to a replica: whatever is asked of it says so."""

    def options(self, **_: Any) -> Any:
        return self

    @property
    def finish(self) -> Any:
        return self

    def remote(self, *_: Any) -> Any:
        return self

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        raise self._lost()

    def cancel(self) -> None:
        raise self._lost()

    def _lost(self) -> Exception:
        cause = ReferenceCountingAssertionError("00" * 28, None, "")
        error: Exception = RayTaskError("finish", "no trace", cause).as_instanceof_cause()  # type: ignore[no-untyped-call]
        return error


async def test_a_picture_that_is_lost_on_the_way_is_a_replica_that_was_lost_so_that_its_stage_is_tried_again() -> None:
    request = FinishRequest(64, 64, ("png",), RECIPE)
    with pytest.raises(StageUnavailable, match="on the way to finisher was lost"):
        async for _ in RayReplicas({"finisher": Undelivered()}).run("finisher", request, "a reference"):  # type: ignore[dict-item]
            pass

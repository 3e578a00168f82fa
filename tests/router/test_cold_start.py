"""A job that waits for a model says so: in GET /jobs/{id}, in its log and to those who listen."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from deployments.messages import GenerateRequest, Loading, ModelState, Told
from router.cold_starts import ColdStarts
from router.live import Live, LiveEvent
from router.replicas import DirectReplicas
from tests.router.calls import follow, submit, wait
from tests.studio import PaintedGenerator, running_studio


@dataclass
class ColdGenerator(PaintedGenerator):
    """Tells of a load of half a minute, and then draws once `warm` is set."""

    warm: threading.Event = field(default_factory=threading.Event)

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Told]:
        if not self.warm.is_set():
            yield Loading("mini", 30.0)
            while not self.warm.is_set():
                await asyncio.sleep(0.01)
        async for message in super().generate(request):
            yield message

    def state(self) -> ModelState:
        return ModelState("mini", "painted", "cpu", "float32", 1e-3, loaded=self.warm.is_set(), load_seconds=30.0)


@pytest.fixture
def generator() -> ColdGenerator:
    return ColdGenerator()


@pytest.fixture
def api(tmp_path: Path, generator: ColdGenerator) -> Iterator[httpx.Client]:
    with running_studio(tmp_path, generator) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client
        generator.warm.set()


def test_what_a_job_is_estimated_to_take_includes_loading_its_model(
    api: httpx.Client, generator: ColdGenerator
) -> None:
    body = {"prompt": "a red bicycle", "seed": 1}
    cold = [
        api.post("/generate", json=body | more).json()["estimated_time_seconds"] for more in ({}, {"dry_run": True})
    ]
    generator.warm.set()
    warm = api.post("/generate", json=body | {"dry_run": True}).json()["estimated_time_seconds"]
    assert min(cold) > 30 > warm


def test_a_job_that_waits_for_its_model_says_so_and_for_how_long(api: httpx.Client, generator: ColdGenerator) -> None:
    job_id = submit(api, num_variations=2)
    deadline = time.monotonic() + 60
    while (job := api.get(f"/jobs/{job_id}").json())["status"] == "queued" or job["state_detail"] is None:
        assert time.monotonic() < deadline
    assert job["status"] == "processing"
    assert job["state_detail"] == "loading model mini"
    assert 20 < job["estimated_time_seconds"] < 60
    generator.warm.set()
    ended = wait(api, job_id)
    assert ended["status"] == "complete"
    assert ended["state_detail"] is None
    assert ended["estimated_time_seconds"] == 0


def test_the_load_is_in_the_jobs_log_and_told_live(api: httpx.Client, generator: ColdGenerator) -> None:
    job_id = submit(api)
    threading.Timer(0.5, generator.warm.set).start()
    events = follow(api, job_id)
    logged = [data["payload"] for name, id, data in events if name == "job.stage" and id is not None]
    assert [(one["stage"], one["detail"], one["eta_seconds"]) for one in logged] == [
        ("loading", "loading model mini", 30.0)
    ]
    told = [data for name, _, data in events if name == "progress" and data["stage"] == "loading"]
    assert told
    assert told[0]["detail"] == "loading model mini"
    assert told[0]["estimated_time_seconds"] > 30
    assert events[-1][0] == "job.complete"


def loading(index: int, seconds: float) -> LiveEvent:
    data = {"index": index, "stage": "loading", "detail": "loading model m", "eta_seconds": seconds}
    return LiveEvent("progress", data)


def test_a_job_is_held_up_until_its_first_picture_is_drawn() -> None:
    live = Live()
    assert live.holdup("j") is None
    live.tell("j", loading(0, 10))
    live.tell("j", loading(1, 20))
    holdup = live.holdup("j")
    assert holdup is not None
    assert 10 < holdup.seconds <= 20
    live.tell("j", LiveEvent("progress", {"index": 0, "stage": "base"}))
    assert live.holdup("j") is None
    live.forget("j")
    assert live.holdup("j") is None


class Asked(DirectReplicas):
    """Stages that load for half a minute, and count who asks."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked: list[str] = []

    async def cold_start(self, deployment: str) -> float:
        self.asked.append(deployment)
        await asyncio.sleep(0)
        return 30.0


def test_those_who_ask_within_a_few_seconds_get_one_answer() -> None:
    async def main() -> None:
        stages, now = Asked(), [100.0]
        cold_starts = ColdStarts(stages, lambda: now[0])
        assert await asyncio.gather(*(cold_starts.seconds("a") for _ in range(5))) == [30.0] * 5
        now[0] += 2
        await cold_starts.seconds("a")
        assert stages.asked == ["a"]
        await cold_starts.seconds("b")
        now[0] += 2
        await cold_starts.seconds("a")
        assert stages.asked == ["a", "b", "a"]

    asyncio.run(main())


@pytest.mark.parametrize("turns", range(6))
def test_who_hangs_up_just_as_the_answer_comes_is_canceled_all_the_same(turns: int) -> None:
    class Waiting(DirectReplicas):
        def __init__(self) -> None:
            super().__init__({})
            self.answer = asyncio.Event()

        async def cold_start(self, deployment: str) -> float:
            await self.answer.wait()
            return 30.0

    async def main() -> None:
        stages = Waiting()
        asking = asyncio.create_task(ColdStarts(stages).seconds("a"))
        await asyncio.sleep(0.01)
        stages.answer.set()
        for _ in range(turns):  # of the event loop, in which the answer goes from task to task
            await asyncio.sleep(0)
        in_time = asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled() is in_time

    asyncio.run(main())


def test_a_job_in_the_queue_is_estimated_with_its_cold_start(tmp_path: Path, generator: ColdGenerator) -> None:
    with (
        running_studio(tmp_path, generator, parallel_jobs=1) as url,
        httpx.Client(base_url=url, timeout=60) as api,
    ):
        submit(api)
        job_id = submit(api)
        job = api.get(f"/jobs/{job_id}").json()
        assert job["status"] == "queued"
        assert 30 < job["estimated_time_seconds"] < 60
        generator.warm.set()
        assert wait(api, job_id)["status"] == "complete"

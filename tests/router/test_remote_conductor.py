"""A conductor in another process: jobs are accepted by the database alone, what happens to them is shown as if it ran
here, and nothing stale is shown once it is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from configs.errors import StageUnavailable
from router.api.app import create_app
from router.conductor import Conductor
from router.live import CHANGED, Bulletin, Live, LiveEvent
from router.remote_conductor import RemoteConductor
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.router.calls import follow, submit, wait
from tests.router.test_cold_start import ColdGenerator
from tests.studio import PaintedGenerator, local_installation, painted_studio, serving

pytestmark = pytest.mark.slow


class NoReplicas(DirectReplicas):
    """Of a front door that reaches none: whoever asks waits for ever."""

    async def cold_start(self, deployment: str) -> float:
        await asyncio.sleep(3600)
        return 0.0


@dataclass
class Link:
    """To a conductor of this process, as a handle would reach it; nothing passes while it is `down`."""

    conductor: Conductor
    down: bool = False
    followed: int = 0

    async def wake(self) -> None:
        self._check()
        self.conductor.wake()

    async def cancel(self, job_id: str) -> None:
        self._check()
        self.conductor.cancel(job_id)

    async def follow(self) -> AsyncGenerator[Bulletin, None]:
        self._check()
        self.followed += 1
        async for bulletin in self.conductor.follow():
            self._check()
            yield bulletin

    def _check(self) -> None:
        if self.down:
            raise StageUnavailable("the conductor was lost")


class Apart(RemoteConductor):
    """With the other process in the same event loop, on a studio of its own."""

    def __init__(self, door: Studio, link: Link, conductors: int = 1) -> None:
        super().__init__(door, link, conductors)
        self._other = link.conductor

    def start(self) -> None:
        self._other.start()
        super().start()

    async def stop(self) -> None:
        await super().stop()
        await self._other.stop()


@dataclass
class World:
    api: httpx.Client
    door: Studio
    link: Link

    def until(self, true: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def ready(self) -> bool:
        return self.api.get("/readyz").status_code == 200


@contextmanager
def apart(folder: Path, generator: PaintedGenerator, conductors: int = 1) -> Iterator[World]:
    door = Studio.assemble(local_installation(folder), NoReplicas({}))
    link = Link(Conductor(painted_studio(folder, generator)))
    app = create_app(door, Apart(door, link, conductors))
    with serving(app) as url, httpx.Client(base_url=url, timeout=60) as api:
        yield World(api, door, link)


def test_a_job_is_shown_as_if_it_ran_here(tmp_path: Path) -> None:
    with apart(tmp_path, PaintedGenerator(step_seconds=0.05)) as world:
        world.until(world.ready)
        began = time.monotonic()
        job_id = submit(world.api, num_inference_steps=40, num_variations=2)
        assert time.monotonic() - began < 5, "no replica is waited for"
        events = follow(world.api, job_id)
        names = [name for name, _, _ in events]
        assert names[0] == "job.queued"
        assert names[-1] == "job.complete"
        assert names.count("job.image") == 2
        assert {"progress", "preview"} <= set(names)
        ids = [int(id) for _, id, _ in events if id is not None]
        assert ids == list(range(1, len(ids) + 1))
        assert wait(world.api, job_id)["images_completed"] == 2


def test_streams_end_and_are_taken_up_without_anything_told_twice_or_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Serve waits for them before it lets a conductor give its jobs back."""
    monkeypatch.setattr("router.conductor._FOLLOWED_SECONDS", 0.1)
    generator = ColdGenerator()
    with apart(tmp_path, generator) as world:
        world.until(world.ready)
        job_id = submit(world.api)

        def told() -> dict[str, Any]:
            job: dict[str, Any] = world.api.get(f"/jobs/{job_id}").json()
            return job

        world.until(lambda: told()["state_detail"] == "loading model mini")
        first, followed = told()["estimated_time_seconds"], world.link.followed
        while world.link.followed < followed + 5:
            assert world.ready()
            assert told()["state_detail"] == "loading model mini"
        assert told()["estimated_time_seconds"] < first, "it counts from when it was told first"
        generator.warm.set()
        job_id = submit(world.api, num_inference_steps=100)
        events = follow(world.api, job_id)
        steps = [data["step"] for name, _, data in events if name == "progress" and data["stage"] == "base"]
        assert steps == sorted(set(steps))
        assert events[-1][0] == "job.complete"
        world.until(lambda: not world.door.live.tells_of(job_id))


def test_a_job_that_ended_between_two_streams_is_forgotten(tmp_path: Path) -> None:
    known = [{"a", "b"}, {"b"}]

    class Broken(Link):
        async def follow(self) -> AsyncGenerator[Bulletin, None]:
            if not known:
                await asyncio.Event().wait()
            tellings = tuple((id, LiveEvent("progress", {"index": 0, "stage": "base"})) for id in known.pop(0))
            yield Bulletin("worker", True, tellings)

    async def hear() -> None:
        door = Studio.assemble(local_installation(tmp_path), NoReplicas({}))
        conductor = RemoteConductor(door, Broken(Conductor(door)))
        with door.live.watch("a") as feed:
            conductor.start()
            while known:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            told = [feed.get_nowait() for _ in range(feed.qsize())]
        assert told[1:] == [CHANGED], "whoever watches reads its log"
        assert (door.live.tells_of("a"), door.live.tells_of("b"), conductor.ready) == (False, True, True)
        await conductor.stop()
        assert not door.live.tells_of("b")

    asyncio.run(hear())


def test_a_cancel_is_passed_on(tmp_path: Path) -> None:
    generator = PaintedGenerator(step_seconds=0.05)
    with apart(tmp_path, generator) as world:
        job_id = submit(world.api, num_inference_steps=100)
        world.until(lambda: generator.steps_taken > 0)
        world.api.delete(f"/jobs/{job_id}")
        assert wait(world.api, job_id)["status"] == "canceled"
        assert generator.steps_taken < 60


def test_what_a_job_waits_for_is_told_until_its_conductor_is_lost(tmp_path: Path) -> None:
    generator = ColdGenerator()
    with apart(tmp_path, generator) as world:
        job_id = submit(world.api)

        def detail() -> object:
            return world.api.get(f"/jobs/{job_id}").json()["state_detail"]

        world.until(lambda: detail() == "loading model mini")
        assert 20 < world.api.get(f"/jobs/{job_id}").json()["estimated_time_seconds"] < 60
        world.link.down = True
        world.until(lambda: detail() is None)
        world.link.down = False
        world.until(lambda: detail() == "loading model mini")
        generator.warm.set()
        assert wait(world.api, job_id)["status"] == "complete"
        assert detail() is None


def test_without_a_conductor_jobs_are_accepted_and_wait(tmp_path: Path) -> None:
    with apart(tmp_path, PaintedGenerator()) as world:
        world.until(world.ready)
        world.link.down = True
        world.until(lambda: not world.ready())
        said = world.api.get("/readyz").json()
        assert (said["status"], said["detail"]) == (
            "starting",
            "no conductor answers: jobs are accepted, and wait for one",
        )
        began = time.monotonic()
        job_id = submit(world.api)
        assert time.monotonic() - began < 5
        assert wait(world.api, job_id)["status"] == "complete", "the database is looked at from time to time"
        assert [name for name, _, _ in follow(world.api, job_id)][-1] == "job.complete"
        world.link.down = False
        world.until(world.ready)


class Deaf:
    """A link to a conductor that is starting, for ever: who asks it waits."""

    async def wake(self) -> None:
        await asyncio.Event().wait()

    async def cancel(self, job_id: str) -> None:
        await asyncio.Event().wait()

    async def follow(self) -> AsyncGenerator[Bulletin, None]:
        await asyncio.Event().wait()
        yield Bulletin("", False)


def test_what_no_conductor_hears_is_said_for_a_while_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.remote_conductor._SILENCE_SECONDS", 0.1)

    async def say() -> None:
        conductor = RemoteConductor(Studio.assemble(local_installation(tmp_path), NoReplicas({})), Deaf())
        for number in range(100):
            conductor.wake()
            conductor.cancel(f"job_{number}")
        await asyncio.sleep(1)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(say())


def test_what_was_measured_there_is_what_plans_are_estimated_by_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.conductor._KEEP_RATES_SECONDS", 0.1)
    monkeypatch.setattr("router.remote_conductor._RECALL_SECONDS", 0.1)
    with apart(tmp_path, PaintedGenerator(step_seconds=0.2)) as world:
        wait(world.api, submit(world.api, num_inference_steps=4))
        world.until(lambda: any(work.startswith("finish") for work in world.door.rates.measured))
        assert world.door.rates.seconds("step mini 128x128", 9.0) == pytest.approx(0.2, rel=0.2)


def test_a_conductor_is_followed_once_however_many_there_might_be(tmp_path: Path) -> None:
    with apart(tmp_path, PaintedGenerator(step_seconds=0.01), conductors=3) as world:
        world.until(lambda: world.link.followed >= 3)
        events = follow(world.api, submit(world.api, num_inference_steps=20))
        steps = [data["step"] for name, _, data in events if name == "progress" and data["stage"] == "base"]
        assert steps == sorted(set(steps)), "each step is told once"


def test_a_tap_has_what_is_known_first_and_then_what_is_told_and_forgotten() -> None:
    live, event = Live(), LiveEvent("progress", {"index": 0, "stage": "base"})
    live.tell("a", event)
    with live.tap() as tap:
        live.tell("b", event)
        live.forget("a")
        assert [tap.get_nowait() for _ in range(3)] == [("a", event), ("b", event), ("a", None)]
    live.tell("b", event)
    assert tap.empty()

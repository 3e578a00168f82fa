"""A job goes on after the last finished stage of each picture, whoever was lost: a replica, or the conductor."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from configs.errors import StageUnavailable
from deployments.messages import Done, GenerateRequest, Message, Picture, PictureRef, Told
from deployments.stages.upscaler import UpscaleRequest
from router.api.app import create_app
from router.kept_outputs import KeptOutputs, Reached
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.contract.job_samples import a_job, leased
from tests.router.calls import follow, submit, wait
from tests.studio import NearestUpscaler, PaintedGenerator, finisher_of, local_installation, serving

pytestmark = pytest.mark.slow


@dataclass
class CostlyGenerator(PaintedGenerator):
    """Says that each picture took it `costs` seconds."""

    costs: float = 5.0

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Told]:
        async for told in super().generate(request):
            yield Done(self.costs, told.picture, weights="painted") if isinstance(told, Done) else told


@dataclass
class HeldUpscaler(NearestUpscaler):
    """Enlarges nothing while it is `held`, and is lost `lose` times."""

    held: bool = False
    lose: int = 0
    asked: list[Picture] = field(default_factory=list)

    async def upscale(self, picture: Picture, request: UpscaleRequest) -> Done:
        self.asked.append(picture)
        while self.held:
            await asyncio.sleep(0.01)
        if self.lose > 0:
            self.lose -= 1
            raise StageUnavailable("the upscaler was lost")
        return await super().upscale(picture, request)


class World:
    """Studios, one after the other, on one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.generator, self.upscaler = folder, CostlyGenerator(), HeldUpscaler()
        self.database = folder / "state" / "jobs.db"

    @contextmanager
    def studio(self) -> Iterator[httpx.Client]:
        installation = local_installation(self.folder)
        replicas = {"generator-mini": self.generator, "upscaler-mini-x4": self.upscaler}
        studio = Studio.assemble(installation, DirectReplicas({**replicas, "finisher": finisher_of(installation)}))
        with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
            yield api

    def kept(self) -> list[tuple[int, str, str]]:
        """Index, kind and file of all that is kept."""
        with sqlite3.connect(self.database) as connection:
            return connection.execute("SELECT idx, kind, sha256 FROM stage_outputs ORDER BY idx").fetchall()

    def until_kept(self, pictures: int) -> None:
        deadline = time.monotonic() + 30
        while len(self.kept()) < pictures:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def file(self, sha256: str) -> Path:
        return self.folder / "state" / "blobs" / "sha256" / sha256[:2] / sha256


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def order(api: httpx.Client, pictures: int = 2) -> str:
    return submit(api, num_variations=pictures, num_inference_steps=4, formats=["png"])


def test_what_was_drawn_is_not_drawn_again_when_the_next_replica_is_lost(world: World) -> None:
    world.upscaler.lose = 2
    with world.studio() as api:
        job_id = order(api)
        job = wait(api, job_id)
        told = [data["payload"].get("detail") for name, _, data in follow(api, job_id) if name == "job.stage"]
    assert job["status"] == "complete"
    assert len(world.generator.drawn) == 2
    assert told == ["goes on after drawing, which was kept"] * 2
    assert world.kept() == [], "it goes with the job"
    first, again = world.upscaler.asked[0], world.upscaler.asked[-1]
    assert {first.rgb, again.rgb} <= {picture.rgb for picture in world.upscaler.asked[:2]}, "the same pixels"


def test_a_conductor_that_is_stopped_has_its_finished_stages_kept_for_the_next(world: World) -> None:
    world.upscaler.held = True
    with world.studio() as api:
        job_id = order(api)
        world.until_kept(2)
    assert [kind for _, kind, _ in world.kept()] == ["base", "base"]
    drawn, world.generator, world.upscaler = world.generator.drawn, CostlyGenerator(), HeldUpscaler()
    with world.studio() as api:
        job = wait(api, job_id)
    assert (job["status"], job["images_completed"]) == ("complete", 2)
    assert (len(drawn), world.generator.drawn) == (2, [])
    with sqlite3.connect(world.database) as connection:
        seconds = [row[0] for row in connection.execute("SELECT seconds FROM assets")]
    assert all('"base":5.0' in one for one in seconds), "what the drawing took is not forgotten"


@pytest.mark.parametrize("harm", ["gone", "cut", "other"])
def test_a_kept_file_that_cannot_be_read_has_its_stage_done_again(world: World, harm: str) -> None:
    world.upscaler.held = True
    with world.studio() as api:
        job_id = order(api)
        world.until_kept(2)
    file = world.file(world.kept()[0][2])
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-10] if harm == "cut" else b"P6\n# x\n1 1\n255\nabc")
    world.generator, world.upscaler = CostlyGenerator(), HeldUpscaler()
    with world.studio() as api:
        assert wait(api, job_id)["status"] == "complete"
    assert len(world.generator.drawn) == 1


@pytest.mark.parametrize("place", ["position = 1", "position = 2, kind = 'finish'", "position = 9", "kind = 'refine'"])
def test_what_the_plan_of_this_release_has_no_place_for_counts_for_nothing(world: World, place: str) -> None:
    """A release may read a plan as other stages than the one before did."""
    world.upscaler.held = True
    with world.studio() as api:
        job_id = order(api)
        world.until_kept(2)
    with sqlite3.connect(world.database) as connection:
        connection.execute(f"UPDATE stage_outputs SET {place}")
    world.generator, world.upscaler = CostlyGenerator(), HeldUpscaler()
    with world.studio() as api:
        job = wait(api, job_id)
    assert job["status"] == "complete"
    assert [file["format"] for image in job["images"] for file in image["files"]] == ["png"] * 2
    assert len(world.generator.drawn) == 2


async def _close_while_two_stages_are_being_kept(world: World) -> None:
    held = asyncio.Event()

    class Held(DirectReplicas):
        async def run(
            self, deployment: str, message: Message, picture: PictureRef | None = None
        ) -> AsyncGenerator[Told, None]:
            await held.wait()
            yield Done(0.0)

    studio = Studio.assemble(local_installation(world.folder), Held({}))
    await studio.store.open()
    await studio.store.submit(a_job(1))
    outputs = KeptOutputs(studio, await leased(studio.store))
    for position in (1, 2):
        outputs.keep(0, Reached(position, at_risk=5.0))
    await asyncio.sleep(0)
    await outputs.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}, "nothing goes on under a lease that is given back"
    await studio.store.close()


def test_nothing_is_kept_any_more_once_a_job_is_let_go(world: World) -> None:
    asyncio.run(_close_while_two_stages_are_being_kept(world))


def test_what_is_drawn_quickly_is_not_kept(world: World) -> None:
    world.generator.costs = 0.5
    world.upscaler.held = True
    with world.studio() as api:
        job_id = order(api)
        while len(world.upscaler.asked) < 2:
            time.sleep(0.02)
        time.sleep(0.3)
        assert world.kept() == []
        world.upscaler.held = False
        assert wait(api, job_id)["status"] == "complete"


def test_canceling_lets_go_of_what_was_kept(world: World) -> None:
    world.upscaler.held = True
    with world.studio() as api:
        job_id = order(api)
        world.until_kept(2)
        files = [world.file(sha256) for _, _, sha256 in world.kept()]
        api.delete(f"/jobs/{job_id}")
        assert wait(api, job_id)["status"] == "canceled"
        assert world.kept() == []
    with sqlite3.connect(world.database) as connection:
        loose = {row[0] for row in connection.execute("SELECT sha256 FROM loose_files")}
    assert {file.name for file in files} <= loose

"""A file store that goes away: every kind of store, at every moment. No picture is lost or drawn twice, nobody is told
anything wrong, and all goes on by itself when it is back."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from configs.errors import StoreUnavailable
from deployments.blobs.store import BlobStore
from deployments.messages import GenerateRequest
from router.api.app import create_app
from router.people.viewer import Viewer
from router.studio import Studio
from tests.file_places import PLACES, Place
from tests.router.calls import follow, submit, wait
from tests.studio import PaintedGenerator, painted_studio, serving

pytestmark = pytest.mark.slow

PATIENCE = 60.0
PICTURES = 3
SHORT = ("full state", "lost folder", "azure stopped", "s3 stopped")
"""One place of each kind; the others go wrong in other ways, and take the same path through the studio."""


class Painter(PaintedGenerator):
    """Draws; `drawn_first` is run once, when the first of its pictures is drawn and before anybody has it."""

    drawn_first: Callable[[], None] | None = None

    async def generate(self, request: GenerateRequest) -> Any:
        async for message in super().generate(request):
            await self._happen()
            yield message

    async def _happen(self) -> None:
        if self.drawn and self.drawn_first is not None:
            happening, self.drawn_first = self.drawn_first, None
            await asyncio.to_thread(happening)


class World:
    """A studio in a place that can be broken."""

    def __init__(self, place: Place, studio: Studio, painter: Painter, api: httpx.Client) -> None:
        self.place, self.studio, self.painter, self.api = place, studio, painter, api
        self.broken = False

    def break_(self) -> None:
        self.broken = True
        self.place.break_()

    def mend(self) -> None:
        if self.broken:
            self.place.mend()
        self.broken = False

    def upload(self, level: int) -> httpx.Response:
        with io.BytesIO() as file:
            Image.effect_noise((64, 64), level).save(file, "PNG")
            return self.api.post("/pictures", files={"file": ("a.png", file.getvalue(), "image/png")})

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def says(self, job_id: str) -> bool:
        """Whether the job says what it waits for. A database that is away cannot answer; nothing else may be said."""
        answer = self.api.get(f"/jobs/{job_id}")
        return answer.status_code == 200 and self.place.words in (answer.json()["state_detail"] or "")

    def well(self) -> bool:
        answer = self.api.get("/readyz")
        return answer.status_code == 200 and answer.json()["status"] == "ok"

    def check_job(self, job_id: str, pictures: int = PICTURES) -> dict[str, Any]:
        """It is complete, every picture was drawn once, and every file is whole."""
        job = wait(self.api, job_id, PATIENCE)
        assert (job["status"], job["images_completed"], job["state_detail"]) == ("complete", pictures, None), job
        assert len(self.painter.drawn) == pictures
        for image in job["images"]:
            for file in image["files"]:
                answer = self.api.get(file["url"])
                assert (answer.status_code, len(answer.content)) == (200, file["size_bytes"])
                if file["format"] != "svg":
                    Image.open(io.BytesIO(answer.content)).load()
        self.until(self.well)
        assert job["job_id"] == job_id
        return job


@pytest.fixture(
    params=[pytest.param(name, marks=() if name in SHORT else pytest.mark.long) for name in PLACES], scope="module"
)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, painter = tmp_path_factory.mktemp("studio"), Painter(step_seconds=0.002)
    with PLACES[request.param](folder / "state") as place, pytest.MonkeyPatch.context() as patch:
        for name, value in place.environment.items():
            patch.setenv(name, value)
        studio = painted_studio(folder, painter, blob_url=place.url)
        with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as api:
            yield World(place, studio, painter, api)


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """Whole at the beginning, whatever the test before left."""
    running.until(running.well)
    running.painter.drawn.clear()
    try:
        yield running
    finally:
        running.mend()
        running.painter.drawn_first = None


def test_a_job_waits_before_its_first_picture(world: World) -> None:
    if world.place.database:
        pytest.skip("a job cannot be accepted without its database")
    world.break_()
    assert not asyncio.run(_refused(world))
    job_id = submit(world.api, num_variations=PICTURES)
    world.until(lambda: world.says(job_id))
    ready = world.api.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "waiting")
    assert world.place.words in ready.json()["detail"]
    assert int(ready.headers["retry-after"]) > 0
    assert world.painter.drawn == []
    (listed,) = (one for one in world.api.get("/jobs").json()["jobs"] if one["job_id"] == job_id)
    assert world.place.words in listed["state_detail"]
    world.mend()
    world.check_job(job_id)


async def _refused(world: World) -> bool:
    """Make the studio notice, as a look from time to time does."""
    return await asyncio.to_thread(lambda: world.upload(90).status_code == 201)


def test_what_is_drawn_is_kept_and_stored_when_it_can_be(world: World) -> None:
    world.painter.drawn_first = world.break_
    job_id = submit(world.api, num_variations=PICTURES)
    world.until(lambda: world.broken)
    world.until(lambda: world.place.database or world.says(job_id))
    time.sleep(1.5)  # long enough to be tried again in vain
    world.mend()
    world.check_job(job_id)
    if not world.place.database:
        stages = [data["payload"] for name, _, data in follow(world.api, job_id) if name == "job.stage"]
        assert stages[0]["stage"] == "waiting"
        assert world.place.words in stages[0]["detail"]
        assert stages[-1]["stage"] != "waiting"


def test_a_picture_of_which_one_file_is_stored_is_not_drawn_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, stored = BlobStore.put, list[str]()

    async def first(self: BlobStore, data: bytes, key: str | None = None) -> str:
        stored.append(await put(self, data, key))
        if len(stored) == 1:
            await asyncio.to_thread(world.break_)
        return stored[-1]

    monkeypatch.setattr(BlobStore, "put", first)
    job_id = submit(world.api, num_variations=1, asset_type="icon")
    world.until(lambda: world.broken)
    time.sleep(1.0)
    world.mend()
    job = world.check_job(job_id, pictures=1)
    assert len(job["images"][0]["files"]) > 1


def test_an_outage_between_file_and_row_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    complete = world.studio.store.complete  # what commits the last picture

    async def break_first(*arguments: Any, **named: Any) -> Any:
        if not world.broken:
            await asyncio.to_thread(world.break_)
        return await complete(*arguments, **named)

    monkeypatch.setattr(world.studio.store, "complete", break_first)
    job_id = submit(world.api, num_variations=1)
    world.until(lambda: world.broken)
    monkeypatch.undo()
    if not world.place.database:
        assert wait(world.api, job_id, PATIENCE)["status"] == "complete"
    world.mend()
    world.check_job(job_id, pictures=1)


def test_an_upload_is_refused_with_the_reason_and_taken_later(world: World) -> None:
    world.break_()
    answer = world.upload(50)
    error = answer.json()["error"]
    assert answer.status_code == 503, error
    assert int(answer.headers["retry-after"]) > 0
    if error["code"] != "store_unavailable" or not world.place.database:
        assert error["code"] == "file_store_unavailable"
        assert world.place.words in error["message"]
    world.mend()
    assert world.upload(50).status_code == 201


def test_a_download_is_whole_or_refused_with_the_reason(world: World) -> None:
    taken = world.upload(60).json()
    before = world.api.get(taken["url"]).content
    assert len(before) == taken["size_bytes"]
    world.break_()
    answer = world.api.get(taken["url"])
    if world.place.reads:
        assert answer.content == before
    else:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (503, "file_store_unavailable")
        assert world.place.words in error["message"]
        assert int(answer.headers["retry-after"]) > 0
    world.mend()
    assert world.api.get(taken["url"]).content == before


def test_a_picture_to_begin_with_is_waited_for(world: World) -> None:
    if world.place.database:
        pytest.skip("a job cannot be accepted without its database")
    image = world.upload(70).json()["picture_id"]
    world.break_()
    world.upload(71)
    job_id = submit(world.api, num_variations=PICTURES, image=image)
    world.until(lambda: world.says(job_id))
    world.mend()
    world.check_job(job_id)


def test_what_could_not_be_swept_is_swept_later(world: World) -> None:
    owner = world.studio.installation.profile.owner
    names = [world.upload(level).json()["picture_id"] for level in (80, 81)]
    keys = [asyncio.run(world.studio.store.picture(Viewer(owner), name)).sha256 for name in names]
    for name in names:
        world.api.delete(f"/pictures/{name}")
    world.break_()
    with suppress(StoreUnavailable):  # on a full disk there is nothing to stop it
        asyncio.run(world.studio.uploads.sweep(0))
        assert world.place.reads
    world.mend()
    world.until(world.well)
    asyncio.run(world.studio.uploads.sweep(0))
    for key in keys:
        assert world.api.get("/pictures").status_code == 200
        with pytest.raises(Exception, match="no longer in the store"):
            asyncio.run(world.studio.blobs.get(key))


def test_a_job_that_waits_can_be_canceled(world: World) -> None:
    if world.place.database:
        pytest.skip("a cancel cannot be accepted without the database")
    world.break_()
    world.upload(90)
    job_id = submit(world.api, num_variations=PICTURES)
    world.until(lambda: world.says(job_id))
    world.api.delete(f"/jobs/{job_id}")
    assert wait(world.api, job_id, PATIENCE)["status"] == "canceled"


def test_a_studio_that_is_stopped_meanwhile_goes_on_after_the_next_start(tmp_path: Path) -> None:
    """What it held in memory is drawn again from its seed."""
    state, seen = tmp_path / "state", list[str]()
    with PLACES["lost folder"](state) as place:
        for painter in (Painter(step_seconds=0.002), Painter(step_seconds=0.002)):
            studio = painted_studio(tmp_path, painter)
            with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as api:
                world = World(place, studio, painter, api)
                if not seen:
                    painter.drawn_first = world.break_
                    seen.append(submit(api, num_variations=PICTURES))
                    world.until(lambda: world.says(seen[0]))  # noqa: B023
                else:
                    world.check_job(seen[0])
            if len(seen) == 1 and world.broken:
                (state / "blobs").rmdir() if (state / "blobs").exists() else None
                place.mend()

"""A door and its workers, processes that know nothing of each other but a database and a folder: jobs are accepted with
no worker alive, drawn by those that come, and once, whatever becomes of one of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from configs.load import ROOT
from router.operations.wake import WAKE_QUERY
from tests.cluster.conftest import READY_SECONDS, STOP_SECONDS
from tests.ports import free_port
from tests.postgres import running_postgres

pytestmark = [pytest.mark.cluster, pytest.mark.postgres, pytest.mark.long]

KEEP_ALIVE_SECONDS = 3


@dataclass
class World:
    """The door's client, the database, and how processes are started that share both places."""

    folder: Path
    database: str
    api: httpx.Client
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def submit(self, **body: object) -> str:
        answer = self.api.post("/generate", json={"prompt": "a red bicycle icon", **body})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self.api.get(f"/jobs/{job_id}").json()
        return job

    def status(self, job_id: str) -> str:
        return str(self.job(job_id)["status"])

    def needed(self) -> int:
        """What a scaler sees."""
        with psycopg.connect(self.database) as connection:
            return int(connection.execute(WAKE_QUERY.encode()).fetchall()[0][0])

    def leased_by(self, job_id: str) -> str | None:
        with psycopg.connect(self.database) as connection:
            (row,) = connection.execute("SELECT lease_worker FROM jobs WHERE id = %s", (job_id,)).fetchall()
        return None if row[0] is None else str(row[0])

    def wake(self) -> subprocess.Popen[bytes]:
        """As a scaler does."""
        assert self.needed() > 0
        worker = start(self.folder, "worker", self.database, f"worker-{len(self.workers)}")
        self.workers.append(worker)
        return worker

    def until(self, true: Callable[[], object], seconds: float = READY_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, [log.read_text()[-2000:] for log in self.folder.glob("*.log")]
            time.sleep(0.2)

    def events(self, job_id: str) -> list[str]:
        with self.api.stream("GET", f"/jobs/{job_id}/events") as stream:
            return [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("two")
    with running_postgres() as server:
        database, port = server.create_database(), free_port()
        door = start(folder, "door", database, "door", "--http-port", str(port))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as api, ended(door):
            world = World(folder, database, api)
            world.until(lambda: "ready after" in (folder / "door.log").read_text() or door.poll() is not None)
            assert door.poll() is None, (folder / "door.log").read_text()
            yield world
            for worker in world.workers:
                kill(worker)


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
        process.terminate()
        assert process.wait(STOP_SECONDS) == 0
    finally:
        kill(process)


def start(folder: Path, role: str, database: str, name: str, *options: str) -> subprocess.Popen[bytes]:
    """A process of its own, with a state folder that is nobody else's, as on a machine of its own."""
    profile = folder / f"{role}.yaml"
    shipped = (ROOT / f"configs/profiles/{role}.yaml").read_text()
    lines = [f"state: {folder / name}", f"database_url: {database}", f"blob_url: {(folder / 'files').as_uri()}"]
    lines.append(f"worker: {{keep_alive_seconds: {KEEP_ALIVE_SECONDS}, start_seconds: 90}}\n")
    profile.write_text(shipped + "\n".join(lines))
    (folder / "files").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "serve", "--profile", str(profile), *options]
    with (folder / f"{name}.log").open("w") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """All of a machine at once, with no time for anything."""
    with suppress(psutil.NoSuchProcess):
        for one in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait(STOP_SECONDS)


def is_drawing(job: dict[str, Any]) -> bool:
    return bool(job["status"] == "processing" and 0.1 < job["progress"] < 0.9)


def test_a_job_waits_for_a_worker_that_comes_draws_and_leaves(world: World) -> None:
    assert world.api.get("/readyz").status_code == 200
    assert world.needed() == 0
    began = time.monotonic()
    job_id = world.submit()
    assert time.monotonic() - began < 30, "nobody is waited for"
    assert world.status(job_id) == "queued"
    assert world.job(job_id)["estimated_time_seconds"] >= 90, "a worker has to come first, and people are told"
    assert world.needed() == 1
    worker = world.wake()
    world.until(lambda: world.status(job_id) == "complete")
    image = world.job(job_id)["images"][0]
    assert world.api.get(image["files"][0]["url"]).status_code == 200
    names = world.events(job_id)
    assert (names[0], names[-1], names.count("job.image")) == ("job.queued", "job.complete", 1)
    assert worker.wait(READY_SECONDS) == 0, "it leaves by itself, in order"
    assert "leaving" in (world.folder / "worker-0.log").read_text()


def test_what_a_worker_had_in_hand_when_it_was_lost_is_drawn_by_the_next_once(world: World) -> None:
    job_id = world.submit(num_inference_steps=100, num_variations=4)
    first = world.wake()
    world.until(lambda: is_drawing(world.job(job_id)))
    kill(first)
    assert world.status(job_id) == "processing", "its lease has not run out"
    assert world.needed() == 1, "so that another one is woken"
    second = world.wake()
    world.until(lambda: world.status(job_id) == "complete")
    names = world.events(job_id)
    assert (names.count("job.image"), names.count("job.complete")) == (4, 1)
    assert [image["index"] for image in world.job(job_id)["images"]] == [0, 1, 2, 3]
    assert second.wait(READY_SECONDS) == 0


def test_a_worker_that_is_sent_away_gives_its_job_back_at_once(world: World) -> None:
    job_id = world.submit(num_inference_steps=100, num_variations=4)
    first = world.wake()
    world.until(lambda: is_drawing(world.job(job_id)))
    first.terminate()
    assert first.wait(STOP_SECONDS) == 0
    assert world.leased_by(job_id) is None, "nobody waits for its lease to run out"
    assert world.needed() == 1
    second = world.wake()
    world.until(lambda: world.status(job_id) == "complete")
    names = world.events(job_id)
    assert (names.count("job.image"), names.count("job.complete")) == (4, 1)
    assert second.wait(READY_SECONDS) == 0

"""A door draws nothing and waits for nobody: jobs are accepted, shown and canceled by the database alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from safetensors.numpy import save

from configs.errors import StageUnavailable
from router.absent_conductor import AbsentConductor
from router.api.app import create_app
from router.conductor import Conductor
from router.door_replicas import DoorReplicas
from router.files import connect_jobs
from router.operations.wake import WAKE_QUERY, Wake
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.router.calls import follow, submit, until, wait
from tests.studio import PaintedGenerator, finisher_of, local_installation, painted_studio, serving

pytestmark = pytest.mark.slow

START_SECONDS = 75.0


@contextmanager
def door(folder: Path) -> Iterator[httpx.Client]:
    installation = local_installation(folder)
    near = DirectReplicas({"finisher": finisher_of(installation)})
    wake = Wake(connect_jobs(installation).database)
    studio = Studio.assemble(installation, DoorReplicas(near, ["finisher"], wake.is_drawn, START_SECONDS))
    with serving(create_app(studio, AbsentConductor(studio))) as url, httpx.Client(base_url=url, timeout=60) as api:
        yield api


class Worker:
    """A conductor on a studio of its own, in a thread with a server that nobody asks."""

    def __init__(self, folder: Path, generator: PaintedGenerator) -> None:
        studio = painted_studio(folder, generator)
        self._app = create_app(studio, Conductor(studio))

    @contextmanager
    def working(self) -> Iterator[None]:
        with serving(self._app):
            yield


def test_a_job_waits_until_a_worker_comes_and_is_shown_as_it_is_drawn(tmp_path: Path) -> None:
    with door(tmp_path) as api:
        assert api.get("/readyz").status_code == 200
        job_id = submit(api, num_variations=2)
        queued = api.get(f"/jobs/{job_id}").json()
        assert queued["status"] == "queued"
        assert queued["estimated_time_seconds"] >= START_SECONDS, "a worker has to come first"
        with Worker(tmp_path, PaintedGenerator(step_seconds=0.01)).working():
            names = [name for name, _, _ in follow(api, job_id)]
        assert (names[0], names[-1], names.count("job.image")) == ("job.queued", "job.complete", 2)
        image = api.get(f"/jobs/{job_id}").json()["images"][0]
        assert api.get(image["files"][0]["url"]).status_code == 200
        assert api.get(f"/jobs/{job_id}/grid").status_code == 200, "sheets are drawn at the door"


def test_how_far_a_job_is_and_the_wish_to_cancel_it_pass_through_the_database(tmp_path: Path) -> None:
    with door(tmp_path) as api, Worker(tmp_path, PaintedGenerator(step_seconds=0.05)).working():
        job_id = submit(api, num_inference_steps=100)
        until(lambda: api.get(f"/jobs/{job_id}").json()["progress"] > 0)
        assert api.delete(f"/jobs/{job_id}").is_success
        assert wait(api, job_id)["status"] == "canceled"


def test_a_job_that_nobody_draws_is_canceled_at_once(tmp_path: Path) -> None:
    with door(tmp_path) as api:
        job_id = submit(api)
        assert api.delete(f"/jobs/{job_id}").is_success
        assert api.get(f"/jobs/{job_id}").json()["status"] == "canceled"


def test_a_lora_that_cannot_be_tried_is_refused_with_the_way_to_bring_it(tmp_path: Path) -> None:
    file = save({"x": np.zeros((1, 1), np.float32)})
    form = {"id": "mine", "name": "Mine", "licence": ["adapter=apache-2.0", "training data=apache-2.0"]}
    with door(tmp_path) as api:
        answer = api.post("/loras", data=form, files={"file": ("mine.safetensors", BytesIO(file))})
    assert answer.status_code == 503, answer.text
    assert "python -m deployments.loras import" in answer.json()["error"]["message"]


def test_operators_see_what_there_is_at_once(tmp_path: Path) -> None:
    with door(tmp_path) as api:
        began = time.monotonic()
        seen = api.get("/operations").json()
    assert time.monotonic() - began < 5
    assert [one["name"] for one in seen["deployments"]] == ["finisher"]
    assert [(one["deployment"], one["cold_start_seconds"]) for one in seen["models"]] == [
        ("generator-mini", START_SECONDS)
    ]


def test_what_draws_is_asked_of_nobody() -> None:
    async def nobody() -> bool:
        return False

    replicas = DoorReplicas(DirectReplicas({"generator-mini": PaintedGenerator()}), [], nobody, 0)
    with pytest.raises(StageUnavailable, match="jobs wait for one"):
        asyncio.run(replicas.model_state("generator-mini"))


def test_the_wake_query_counts_what_is_queued_and_what_is_in_work() -> None:
    assert WAKE_QUERY == "SELECT count(*) AS jobs FROM jobs WHERE status IN ('queued', 'processing')"

"""What goes wrong around a job, seen through the REST API: replicas and databases that are away, restarts, crowds."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from configs.service import Limits
from tests.router.calls import follow, submit, wait
from tests.studio import PaintedGenerator, running_studio

pytestmark = pytest.mark.slow


def test_a_lost_replica_is_survived_and_told(api: httpx.Client, generator: PaintedGenerator) -> None:
    generator.lose = 2
    job_id = submit(api)
    assert wait(api, job_id)["status"] == "complete"
    assert [name for name, _, _ in follow(api, job_id)].count("job.retried") == 2


def test_what_cannot_be_drawn_fails_alone_with_a_sentence(api: httpx.Client) -> None:
    poisoned, healthy = submit(api, prompt="poison"), submit(api)
    job = wait(api, poisoned)
    assert (job["status"], job["error"]["message"]) == ("failed", "this prompt cannot be drawn")
    assert wait(api, healthy)["status"] == "complete"


def test_too_many_waiting_jobs_are_refused_with_retry_after(tmp_path: Path) -> None:
    limits = Limits(max_queued_jobs_per_owner=2)
    with (
        running_studio(tmp_path, PaintedGenerator(step_seconds=0.2), limits=limits) as url,
        httpx.Client(base_url=url) as api,
    ):
        submit(api)
        submit(api)
        answer = api.post("/generate", json={"prompt": "one too many"})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


def test_a_restart_finishes_what_was_accepted_and_keeps_what_was_done(tmp_path: Path) -> None:
    slow = PaintedGenerator(step_seconds=0.01)
    with running_studio(tmp_path, slow) as url, httpx.Client(base_url=url) as api:
        job_id = submit(api, num_variations=8, num_inference_steps=60)
        while not api.get(f"/jobs/{job_id}").json()["images"]:
            time.sleep(0.01)
    fast = PaintedGenerator()
    with running_studio(tmp_path, fast) as url, httpx.Client(base_url=url) as api:
        job = wait(api, job_id, 60)
        assert (job["status"], job["images_completed"]) == ("complete", 8)
        assert sorted(image["index"] for image in job["images"]) == list(range(8))
        assert len(fast.drawn) < 8


def test_a_database_that_is_away_is_said_to_be_that_and_jobs_go_on_when_it_is_back(tmp_path: Path) -> None:
    with (
        running_studio(tmp_path, PaintedGenerator(step_seconds=0.05)) as url,
        httpx.Client(base_url=url, timeout=30) as api,
    ):
        job_id = submit(api)
        database = tmp_path / "state" / "jobs.db"
        with sqlite3.connect(database, timeout=30) as away:
            away.execute("BEGIN EXCLUSIVE")
            answer = api.post("/generate", json={"prompt": "x"})
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "store_unavailable"
            assert int(answer.headers["retry-after"]) > 0
            away.rollback()
        assert wait(api, job_id, 60)["status"] == "complete"

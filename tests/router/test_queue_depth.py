"""What waits in the database is foretold to the stages, by the deployment that is to draw it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from router.api.app import create_app
from router.jobs.model import WaitingJobs
from router.replicas import DirectReplicas
from tests.router.calls import submit, wait
from tests.studio import NearestUpscaler, PaintedGenerator, finisher_of, painted_studio, serving


class Prophets(DirectReplicas):
    """Stages that remember what was foretold last."""

    foretold: Sequence[WaitingJobs] = ()

    async def publish_queue_depth(self, waiting: Sequence[WaitingJobs]) -> None:
        self.foretold = waiting


@pytest.mark.slow
def test_jobs_beyond_those_that_are_worked_on_are_foretold_until_nobody_waits(tmp_path: Path) -> None:
    painter = PaintedGenerator(step_seconds=0.1)
    studio = painted_studio(tmp_path, painter, parallel_jobs=1)
    finisher = finisher_of(studio.installation)
    stages = Prophets({"generator-mini": painter, "upscaler-mini-x4": NearestUpscaler(), "finisher": finisher})
    studio = replace(studio, replicas=stages)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        jobs = [submit(api, num_variations=2, num_inference_steps=100) for _ in range(4)]
        deadline = time.monotonic() + 60
        while not stages.foretold and time.monotonic() < deadline:
            time.sleep(0.05)
        (waiting,) = stages.foretold
        assert (waiting.deployment, waiting.jobs, waiting.pictures) == ("generator-mini", 3, 6)
        assert waiting.seconds > 1
        for job in reversed(jobs):
            api.delete(f"/jobs/{job}")
            wait(api, job)
        while stages.foretold and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not stages.foretold

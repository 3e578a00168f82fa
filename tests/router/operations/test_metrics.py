"""What a running studio reports: jobs, their waits, queues, replicas and starts; and who may read it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import Request
from prometheus_client.parser import text_string_to_metric_families

from configs.errors import StageUnavailable
from configs.metrics import Kind
from deployments.engine.prometheus import PrometheusMetrics
from deployments.messages import ModelState
from router.api.app import create_app
from router.operations.arrivals import Arrivals
from router.operations.survey import DeploymentSurvey, ReplicaSurvey, Survey
from router.people.principal import Principal, Role
from serve.metrics import TABLE
from tests.clients.held import HeldGenerator
from tests.router.calls import submit, until, wait
from tests.router.test_cold_start import ColdGenerator
from tests.studio import PaintedGenerator, local_installation, painted_studio, serving

PLAIN = {"quality": "draft", "formats": ["png"], "stages": {"clean": False, "score": False, "check": False}}


class Scraped:
    """A studio of one process, and what a Prometheus would read of it."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api

    def read(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        text = self.api.get("/metrics").raise_for_status().text
        families = text_string_to_metric_families(text)
        return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}

    def value(self, name: str, **labels: str) -> float:
        """0 of what was never told."""
        return self.read().get((name, frozenset(labels.items())), 0.0)


@pytest.fixture
def generator() -> PaintedGenerator:
    return PaintedGenerator()


@pytest.fixture
def scraped(tmp_path: Path, generator: PaintedGenerator) -> Iterator[Scraped]:
    studio = painted_studio(tmp_path, generator, metrics=PrometheusMetrics(TABLE), parallel_jobs=1)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield Scraped(client)


def test_a_job_is_counted_with_its_wait_its_first_preview_and_its_end(scraped: Scraped) -> None:
    assert wait(scraped.api, submit(scraped.api, **PLAIN))["status"] == "complete"
    told = {"outcome": "complete", "model": "mini", "quality": "draft"}
    until(lambda: scraped.value("atelier_jobs_total", **told) == 1)
    assert scraped.value("atelier_job_wait_seconds_count", model="mini", start="warm") == 1
    assert scraped.value("atelier_job_seconds_count", model="mini", quality="draft") == 1


class SlowGenerator(PaintedGenerator):
    """Says that a step takes long, so that previews are worth it."""

    def state(self) -> ModelState:
        return ModelState("mini", "painted", "cpu", "float32", 5.0)


@pytest.mark.parametrize("generator", [SlowGenerator()], ids=["slow"])
def test_the_first_of_several_previews_is_told_once(scraped: Scraped) -> None:
    until(lambda: scraped.api.get("/readyz").status_code == 200)
    assert wait(scraped.api, submit(scraped.api, num_variations=2, **PLAIN))["status"] == "complete"
    assert scraped.value("atelier_first_preview_seconds_count", model="mini") == 1


def test_a_job_that_fails_is_counted_as_such_and_its_seconds_are_not(scraped: Scraped) -> None:
    assert wait(scraped.api, submit(scraped.api, prompt="poison", **PLAIN))["status"] == "failed"
    until(lambda: scraped.value("atelier_jobs_total", outcome="failed", model="mini", quality="draft") == 1)
    assert scraped.value("atelier_job_seconds_count", model="mini", quality="draft") == 0


def test_a_picture_that_a_lost_replica_leaves_is_counted(scraped: Scraped, generator: PaintedGenerator) -> None:
    generator.lose = 1
    assert wait(scraped.api, submit(scraped.api, **PLAIN))["status"] == "complete"
    assert scraped.value("atelier_picture_redrawn_total", model="mini") == 1
    assert scraped.value("atelier_job_wait_seconds_count", model="mini", start="warm") == 1, "it waited once"


def test_a_batch_waits_for_nobody_and_is_in_no_wait(scraped: Scraped) -> None:
    asked = {"prompts": ["a fox"]}
    batch = scraped.api.post("/batches", json=asked).raise_for_status().json()["batch_id"]
    until(lambda: scraped.api.get(f"/batches/{batch}").json()["status"] == "complete")
    until(lambda: scraped.value("atelier_jobs_total", outcome="complete", model="mini", quality="standard") == 1)
    assert scraped.value("atelier_job_wait_seconds_count", model="mini", start="warm") == 0


@pytest.mark.parametrize("generator", [ColdGenerator()], ids=["cold"])
def test_who_waits_for_a_model_to_load_waited_cold(scraped: Scraped, generator: ColdGenerator) -> None:
    job = submit(scraped.api, **PLAIN)
    until(lambda: scraped.api.get(f"/jobs/{job}").json()["state_detail"] == "loading model mini")
    generator.warm.set()
    assert wait(scraped.api, job)["status"] == "complete"
    assert scraped.value("atelier_job_wait_seconds_count", model="mini", start="cold") == 1


@pytest.mark.parametrize("generator", [HeldGenerator()], ids=["held"])
def test_what_waits_is_told_and_told_again_when_it_is_gone(scraped: Scraped, generator: HeldGenerator) -> None:
    generator.held = True
    jobs = [submit(scraped.api, **PLAIN) for _ in range(3)]
    queued = {"deployment": "generator-mini"}
    until(lambda: scraped.value("atelier_queue_jobs", **queued) == 2)
    assert scraped.value("atelier_queue_seconds", **queued) > 0
    until(lambda: scraped.value("atelier_queue_oldest_seconds", **queued) > 0)
    generator.held = False
    for job in jobs:
        assert wait(scraped.api, job)["status"] == "complete"
    until(lambda: scraped.value("atelier_queue_jobs", **queued) == 0)
    until(lambda: scraped.value("atelier_queue_oldest_seconds", **queued) == 0)


def test_replicas_are_told_by_what_they_do(scraped: Scraped) -> None:
    until(lambda: scraped.value("atelier_replicas", deployment="generator-mini", state="running") == 1)
    assert scraped.value("atelier_replicas", deployment="generator-mini", state="wanted") == 1


def test_only_operators_read_metrics(tmp_path: Path) -> None:
    async def door(request: Request) -> Principal:
        return Principal("zoe", "Zoe", frozenset({Role.DESIGNER}), how="oidc")

    app = create_app(painted_studio(tmp_path, metrics=PrometheusMetrics(TABLE)), door=door)
    with serving(app) as url, httpx.Client(base_url=url, timeout=30) as api:
        assert api.get("/metrics").status_code == 403


def test_a_studio_whose_nodes_export_says_so(tmp_path: Path) -> None:
    with serving(create_app(painted_studio(tmp_path))) as url:
        answer = httpx.get(f"{url}/metrics")
    assert (answer.status_code, "Ray exports" in answer.text) == (404, True)


class Starts:
    """Of a deployment of `mini`, as the controller tells it."""

    def __init__(self, folder: Path) -> None:
        self.told: list[tuple[str, float]] = []
        self.now = datetime(2026, 11, 30, tzinfo=UTC)
        self._arrivals = Arrivals(local_installation(folder), self, self._state)
        self._since = self.now

    def look(self, after: float, state: str, node: str | None) -> None:
        self.now = self._since + timedelta(seconds=after)
        replica = ReplicaSurvey("one", state, node, self._since)
        asyncio.run(self._arrivals.look(Survey((DeploymentSurvey("generator-mini", "", 1, (replica,)),)), self.now))

    async def _state(self, placement: str) -> ModelState:
        if placement != "generator-mini":
            raise StageUnavailable("not here")
        return ModelState("mini", "w", "cpu", "float32", 0.1, load_seconds=4.0)

    def observe(self, name: str, value: float, **tags: str) -> None:
        assert TABLE[name].kind is Kind.HISTOGRAM
        assert set(tags) == set(TABLE[name].tags)
        self.told.append((tags["phase"], value))

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        raise AssertionError(name)

    def gauge(self, name: str, value: float, **tags: str) -> None:
        raise AssertionError(name)


def test_a_start_is_told_by_its_wait_for_a_node_and_the_rest_that_is_no_loading(tmp_path: Path) -> None:
    starts = Starts(tmp_path)
    starts.look(0, "starting", None)
    starts.look(60, "starting", None)
    starts.look(62, "starting", "10.0.0.1")
    starts.look(72, "running", "10.0.0.1")
    starts.look(80, "running", "10.0.0.1")
    assert starts.told == [("node", 62.0), ("process", 6.0)]


def test_replicas_that_ran_before_anybody_looked_started_nowhere(tmp_path: Path) -> None:
    starts = Starts(tmp_path)
    starts.look(5, "running", "10.0.0.1")
    assert starts.told == []

"""A real Prometheus scrapes a studio, evaluates the chart's rules, answers as our feed asks, and dies."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from configs.capacity import PrometheusSource
from deployments.engine.prometheus import PrometheusMetrics
from router.api.app import create_app
from router.capacity.feeds.prometheus import PrometheusFeed
from serve.metrics import TABLE
from tests.clients.held import HeldGenerator
from tests.prometheus import Prometheus, program, watching
from tests.router.calls import submit, until, wait
from tests.studio import painted_studio, serving

pytestmark = pytest.mark.slow
PLAIN = {"quality": "draft", "formats": ["png"], "stages": {"clean": False, "score": False, "check": False}}


@pytest.fixture
def generator() -> HeldGenerator:
    return HeldGenerator()


@pytest.fixture
def api(tmp_path: Path, generator: HeldGenerator) -> Iterator[httpx.Client]:
    studio = painted_studio(tmp_path, generator, metrics=PrometheusMetrics(TABLE), parallel_jobs=1)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def prometheus(tmp_path: Path, api: httpx.Client) -> Iterator[Prometheus]:
    with watching(tmp_path / "prometheus", studio=api.base_url.netloc.decode()) as running:
        yield running


def test_what_waits_is_recorded_and_told_until_prometheus_dies(
    api: httpx.Client, generator: HeldGenerator, prometheus: Prometheus
) -> None:
    source = PrometheusSource(url=prometheus.url, query="atelier:queue_jobs:by_deployment")
    ahead = 0.0
    feed = PrometheusFeed(source, "", clock=lambda: time.time() + ahead)
    generator.held = True
    jobs = [submit(api, **PLAIN) for _ in range(3)]
    waiting = 'atelier:queue_jobs:by_deployment{deployment="generator-mini"}'
    until(lambda: 2.0 in prometheus.query(waiting).values())
    assert all(seconds > 0 for seconds in prometheus.query("atelier:backlog_seconds:sum").values())
    assert (feed.ask()["generator-mini"], feed.fault) == (2.0, "")
    generator.held = False
    for job in jobs:
        assert wait(api, job)["status"] == "complete"
    until(lambda: 3.0 in prometheus.query('atelier_jobs_total{outcome="complete"}').values())
    until(lambda: set(prometheus.query(waiting).values()) == {0.0})
    assert prometheus.query("ALERTS") == {}
    prometheus.kill()
    assert not prometheus.alive()
    ahead = 60.0
    assert (feed.ask()["generator-mini"], "does not answer" in feed.fault) == (2.0, True), "the last word is held"
    assert feed.age_seconds > 30
    assert wait(api, submit(api, **PLAIN))["status"] == "complete", "nobody who draws needs it"


def test_what_is_exported_has_no_fault_that_its_tool_finds(api: httpx.Client) -> None:
    assert wait(api, submit(api, **PLAIN))["status"] == "complete"
    run = subprocess.run(
        [program("promtool"), "check", "metrics"], input=api.get("/metrics").content, capture_output=True
    )
    assert (run.returncode, run.stdout + run.stderr) == (0, b"")

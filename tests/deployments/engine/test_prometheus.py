"""What the engines of one process report can be scraped: every row of the table, with its tags, as it was told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY, Metric, start_http_server
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from deployments.engine import metrics as table
from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.flight import Drawn, Event
from deployments.engine.metrics import METRICS, Kind, OfModel
from deployments.engine.prometheus import PrometheusMetrics
from deployments.messages import StepDone
from deployments.pipelines.engine import pipeline_engine
from tests.deployments.pipelines.fake import SIDE, Clock, Fake, FakeAdapters
from tests.deployments.tiny import request


def scrape(metrics: PrometheusMetrics) -> list[Metric]:
    """What a Prometheus would read of it, over HTTP."""
    server, thread = start_http_server(0, "127.0.0.1", metrics.registry)
    try:
        answer = httpx.get(f"http://127.0.0.1:{server.server_port}/metrics").raise_for_status()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    return list(text_string_to_metric_families(answer.text))


def samples(metrics: PrometheusMetrics, name: str) -> list[Sample]:
    return [sample for family in scrape(metrics) for sample in family.samples if sample.name == name]


@pytest.mark.parametrize("row", METRICS.values(), ids=METRICS)
def test_every_row_of_the_table_comes_out_with_its_tags(row: table.Metric) -> None:
    metrics, tags = PrometheusMetrics(), {tag: f"some {tag}" for tag in row.tags}
    expected: dict[str, Any]
    match row.kind:
        case Kind.COUNTER:
            metrics.count(row.name, 1, **tags)
            metrics.count(row.name, 2, **tags)
            expected = {row.name: 3.0}
        case Kind.GAUGE:
            metrics.gauge(row.name, 7, **tags)
            metrics.gauge(row.name, 3, **tags)
            expected = {row.name: 3.0}
        case Kind.HISTOGRAM:
            values = (*row.buckets, 2 * row.buckets[-1])
            for value in values:
                metrics.observe(row.name, value, **tags)
            expected = {f"{row.name}_count": len(values), f"{row.name}_sum": pytest.approx(sum(values))}
    (family,) = (one for one in scrape(metrics) if one.samples and not one.name.endswith("_created"))
    assert (family.type, family.documentation) == (row.kind, row.description)
    told = {one.name: one for one in family.samples if one.name in expected}
    assert {name: one.value for name, one in told.items()} == expected
    assert all(one.labels == tags for one in told.values())
    bounds = [one for one in family.samples if one.name == f"{row.name}_bucket"]
    assert [float(one.labels["le"]) for one in bounds] == ([*row.buckets, float("inf")] if row.buckets else [])
    assert [one.value for one in bounds] == [*range(1, len(bounds) + 1)]


def test_what_the_table_does_not_have_is_an_error() -> None:
    metrics = PrometheusMetrics()
    with pytest.raises(KeyError):
        metrics.count("atelier_engine_typos_total", model="mini")
    with pytest.raises(KeyError):
        metrics.gauge("atelier_engine_slot_hits_total", 1, model="mini")
    with pytest.raises(ValueError, match="label"):
        metrics.count("atelier_engine_lora_loads_total", model="mini")


def test_programs_may_have_several_and_keep_out_of_the_process_s_own() -> None:
    first, second = PrometheusMetrics(), PrometheusMetrics()
    OfModel(first, "mini").count("atelier_engine_slot_hits_total")
    assert [sample.value for sample in samples(first, "atelier_engine_slot_hits_total")] == [1]
    assert samples(second, "atelier_engine_slot_hits_total") == []
    assert not [family.name for family in REGISTRY.collect() if family.name.startswith("atelier")]


@contextmanager
def drawing(metrics: PrometheusMetrics, model: str) -> Iterator[Engine]:
    adapters: Any = FakeAdapters()
    small = request(request_id=f"warm-up {model}", width=SIDE, height=SIDE)
    engine = pipeline_engine(lambda: Loaded(Fake(Clock()), adapters), small, metrics=OfModel(metrics, model))
    try:
        yield engine
    finally:
        engine.close()


def draw(engine: Engine, seed: int) -> None:
    events: SimpleQueue[Event] = SimpleQueue()
    engine.submit(request(width=SIDE, height=SIDE, seed=seed), events.put)
    while isinstance(event := events.get(timeout=60), StepDone):
        pass
    assert isinstance(event, Drawn)


def test_engines_of_one_process_are_told_apart_and_leave_no_backlog() -> None:
    metrics = PrometheusMetrics()
    with drawing(metrics, "mini") as mini, drawing(metrics, "mini+icons@0.8") as dressed:
        draw(mini, 1)
        for seed in (1, 2):
            draw(dressed, seed)
    waits = samples(metrics, "atelier_engine_queue_wait_seconds_count")
    assert {one.labels["model"]: one.value for one in waits} == {"mini": 1, "mini+icons@0.8": 2}
    backlogs = samples(metrics, "atelier_engine_backlog_seconds")
    assert {one.labels["model"]: one.value for one in backlogs} == {"mini": 0, "mini+icons@0.8": 0}

"""The metrics port over prometheus-client, for a program that draws in one process, without a cluster."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from deployments.engine.metrics import METRICS, Kind, Metric


class PrometheusMetrics:
    """`Metrics` for all engines of a process, which `OfModel` tells apart.

    `registry` is what is served: by `prometheus_client.start_http_server`, or in an application of one's own by
    `make_asgi_app`. Raises KeyError for what the table does not name, ValueError for tags that a row does not carry.
    """

    def __init__(self, table: Mapping[str, Metric] = METRICS) -> None:
        """`table` are the metrics that may be told of: those of engines, or of all rooms of a studio in one process."""
        self.registry = registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, metric in table.items():
            text, tags = metric.description, metric.tags
            match metric.kind:
                case Kind.COUNTER:
                    self._counters[name] = Counter(name, text, tags, registry=registry)
                case Kind.GAUGE:
                    self._gauges[name] = Gauge(name, text, tags, registry=registry)
                case Kind.HISTOGRAM:
                    self._histograms[name] = Histogram(name, text, tags, registry=registry, buckets=metric.buckets)

    def exposition(self) -> bytes:
        """All that was reported, as Prometheus reads it."""
        return generate_latest(self.registry)

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        self._counters[name].labels(**tags).inc(n)

    def observe(self, name: str, value: float, **tags: str) -> None:
        self._histograms[name].labels(**tags).observe(value)

    def gauge(self, name: str, value: float, **tags: str) -> None:
        self._gauges[name].labels(**tags).set(value)

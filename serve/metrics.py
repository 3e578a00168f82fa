"""The metrics port over Ray's exporter, which forgets a gauge that is not set again: this keeps them told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, cast

from configs.metrics import Kind, Metric
from deployments.engine.metrics import METRICS as OF_ENGINES
from router.metrics import METRICS as OF_THE_FRONT_DESK

TABLE: Mapping[str, Metric] = MappingProxyType({**OF_THE_FRONT_DESK, **OF_ENGINES})
"""All metrics of a studio: dashboards, rules and their tests know no other."""

_REFRESH_SECONDS = 5.0  # Ray's exporter drops a gauge after two report intervals, 20 s


class Instrument(Protocol):
    """What `ray.serve.metrics` makes of one row of the table; one of the three is there, by the row's kind."""

    def inc(self, value: float, tags: dict[str, str]) -> None: ...

    def observe(self, value: float, tags: dict[str, str]) -> None: ...

    def set(self, value: float, tags: dict[str, str]) -> None: ...


Build: TypeAlias = Callable[[Metric], Instrument]
_Line: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


def ray_instrument(metric: Metric) -> Instrument:
    """A row of the table as Ray's metric. Serve adds which deployment and replica reports, unless the row itself says
    of which deployment it tells."""
    from ray.serve import metrics as served
    from ray.util import metrics as plain

    metrics: Any = plain if "deployment" in metric.tags else served

    name, text, tags = metric.name, metric.description, cast("tuple[str]", metric.tags)  # Ray means any number
    match metric.kind:
        case Kind.COUNTER:
            made = metrics.Counter(name.removesuffix("_total"), text, tags)  # the exporter puts it back
        case Kind.GAUGE:
            made = metrics.Gauge(name, text, tags)
        case Kind.HISTOGRAM:
            made = metrics.Histogram(name, text, list(metric.buckets), tags)
    instrument: Instrument = made
    return instrument


class RayMetrics:
    """`Metrics` for a replica; to be made in it, since Ray's metrics carry the name of the replica that makes them."""

    def __init__(
        self,
        build: Build = ray_instrument,
        refresh_seconds: float = _REFRESH_SECONDS,
        table: Mapping[str, Metric] = TABLE,
    ) -> None:
        """`table` are the metrics that may be told of."""
        self._build, self._refresh_seconds, self._table = build, refresh_seconds, table
        self._lock = threading.Lock()
        self._instruments: dict[str, Instrument] = {}
        self._gauges: dict[_Line, float] = {}
        self._refresher: threading.Thread | None = None

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        if n > 0:  # Ray refuses to count nothing
            self._instrument(name).inc(n, tags)

    def observe(self, name: str, value: float, **tags: str) -> None:
        self._instrument(name).observe(value, tags)

    def gauge(self, name: str, value: float, **tags: str) -> None:
        with self._lock:
            self._gauges[name, tuple(sorted(tags.items()))] = value
        self._instrument(name).set(value, tags)
        self._keep_told()

    def _instrument(self, name: str) -> Instrument:
        with self._lock:
            if name not in self._instruments:
                self._instruments[name] = self._build(self._table[name])
            return self._instruments[name]

    def _keep_told(self) -> None:
        with self._lock:
            if self._refresher is not None:
                return
            self._refresher = threading.Thread(target=self._refresh_forever, name="gauges", daemon=True)
        self._refresher.start()

    def _refresh_forever(self) -> None:
        """An idle engine takes no turns and sets nothing; its last word stays true."""
        pause = threading.Event()
        while not pause.wait(self._refresh_seconds):
            with self._lock:
                lines = [*self._gauges.items()]
            for (name, tags), value in lines:
                self._instrument(name).set(value, dict(tags))

"""The engine's metrics as data; the port through which it reports them is `configs/metrics.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from configs.metrics import OF_REPLICAS
from configs.metrics import SILENT as SILENT
from configs.metrics import Kind as Kind
from configs.metrics import Metric as Metric
from configs.metrics import Metrics as Metrics

MODEL = "model"
"""The tag that says which model reports: those of one replica share its exporter."""

DEVICE_SECONDS = "atelier_engine_device_seconds_total"
BACKLOG_SECONDS = "atelier_engine_backlog_seconds"


_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_OVERHEAD = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
_WAITS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
_RATIOS = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 4.0)

_TABLE = (
    Metric("atelier_engine_queue_wait_seconds", Kind.HISTOGRAM, "From a request's arrival to its first noise.", _WAITS),
    Metric(
        "atelier_engine_batch_rows",
        Kind.HISTOGRAM,
        "Rows of one call of the denoiser.",
        (1, 2, 3, 4, 6, 8, 12, 16, 24, 32),
    ),
    Metric("atelier_engine_tick_seconds", Kind.HISTOGRAM, "One call of the denoiser.", _STEPS),
    Metric(
        "atelier_engine_tick_overhead_seconds",
        Kind.HISTOGRAM,
        "What a turn of the engine takes beside the model's calls.",
        _OVERHEAD,
    ),
    Metric("atelier_engine_slot_hits_total", Kind.COUNTER, "LoRAs asked for that were in a slot already."),
    Metric("atelier_engine_lora_loads_total", Kind.COUNTER, "LoRAs put into a slot.", tags=("lora",)),
    Metric("atelier_engine_lora_load_seconds", Kind.HISTOGRAM, "Copying a LoRA that was read into its slot.", _STEPS),
    Metric("atelier_engine_lora_evictions_total", Kind.COUNTER, "LoRAs evicted for another.", tags=("lora",)),
    Metric("atelier_engine_resident_loras", Kind.GAUGE, "LoRAs in slots now."),
    Metric("atelier_engine_embedding_lookups_total", Kind.COUNTER, "Prompts looked up: hit or miss.", tags=("result",)),
    Metric(
        "atelier_engine_coalesced_requests_total", Kind.COUNTER, "Requests answered by an equal one already in flight."
    ),
    Metric(
        "atelier_engine_shed_requests_total", Kind.COUNTER, "Requests let go because their deadline could not be met."
    ),
    Metric(
        "atelier_engine_eta_error_ratio",
        Kind.HISTOGRAM,
        "Seconds predicted on arrival over seconds taken: 1 is right.",
        _RATIOS,
    ),
    Metric(DEVICE_SECONDS, Kind.COUNTER, "Seconds for which the device worked: steps, prompts, decoding, previews."),
    Metric(BACKLOG_SECONDS, Kind.GAUGE, "Predicted seconds of the device for all that is in flight."),
)
METRICS: Mapping[str, Metric] = MappingProxyType(
    {metric.name: replace(metric, tags=(MODEL, *metric.tags)) for metric in _TABLE}
    | {metric.name: metric for metric in OF_REPLICAS}
)


class OfModel:
    """`Metrics` for all that serves one model, reporting to an exporter that others may share."""

    def __init__(self, exporter: Metrics, model: str) -> None:
        self._exporter, self._tags = exporter, {MODEL: model}

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        self._exporter.count(name, n, **self._tags, **tags)

    def observe(self, name: str, value: float, **tags: str) -> None:
        self._exporter.observe(name, value, **self._tags, **tags)

    def gauge(self, name: str, value: float, **tags: str) -> None:
        self._exporter.gauge(name, value, **self._tags, **tags)


Line: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


class Recorded:
    """Keeps everything in memory, for tests. Refuses what the table does not name, as an exporter would."""

    def __init__(self) -> None:
        self.counts: defaultdict[Line, float] = defaultdict(float)
        self.values: defaultdict[Line, list[float]] = defaultdict(list)
        self.gauges: dict[Line, float] = {}

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        if n < 0:
            raise ValueError(f"{name}: a counter never falls")
        self.counts[_line(name, Kind.COUNTER, tags)] += n

    def observe(self, name: str, value: float, **tags: str) -> None:
        self.values[_line(name, Kind.HISTOGRAM, tags)].append(value)

    def gauge(self, name: str, value: float, **tags: str) -> None:
        self.gauges[_line(name, Kind.GAUGE, tags)] = value

    def total(self, name: str, **tags: str) -> float:
        """What was counted, over all lines of `name` that carry `tags`."""
        wanted = set(tags.items())
        return sum(n for (of, carried), n in self.counts.items() if of == name and wanted <= set(carried))

    def observed(self, name: str, **tags: str) -> list[float]:
        """The values of all lines of `name` that carry `tags`; within a line in the order in which they came."""
        wanted = set(tags.items())
        lines = (values for (of, carried), values in self.values.items() if of == name and wanted <= set(carried))
        return [value for values in lines for value in values]

    def last(self, name: str, model: str) -> float:
        """What a gauge that carries no other tag was set to last. Raises KeyError if it never was."""
        return self.gauges[name, ((MODEL, model),)]


def _line(name: str, kind: Kind, tags: Mapping[str, str]) -> Line:
    metric = METRICS.get(name)
    if metric is None or metric.kind is not kind or set(tags) != set(metric.tags):
        raise ValueError(f"the table has no {kind} {name!r} with tags {sorted(tags)}")
    return name, tuple(sorted(tags.items()))

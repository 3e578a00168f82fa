"""Metrics as data, and the one small port through which rooms report them: they know no exporter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table. `buckets` are a histogram's upper bounds, in its unit; `tags` are all that it carries."""

    name: str
    kind: Kind
    description: str
    buckets: tuple[float, ...] = ()
    tags: tuple[str, ...] = ()


WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""Bounds in seconds of what people wait for. What an objective promises is one of them: a histogram knows no other."""

START_SECONDS = "atelier_start_seconds"
GPU_SECONDS = "atelier_gpu_seconds_total"
GPU_MEMORY = "atelier_gpu_memory_bytes"

OF_REPLICAS = (
    Metric(
        START_SECONDS,
        Kind.HISTOGRAM,
        "From the wish for a replica to its readiness: node (room for it), process, load (weights), warm_up.",
        (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0),
        ("model", "phase"),
    ),
    Metric(
        GPU_SECONDS,
        Kind.COUNTER,
        "Seconds that replicas had their share of a GPU, times that share, by what they did: draw, load, idle. "
        "Where there is no GPU, of a replica, with the kind cpu.",
        tags=("model", "kind", "use"),
    ),
    Metric(
        GPU_MEMORY,
        Kind.GAUGE,
        "Bytes of a GPU for each replica: predicted by the ledger, its limit, used at most so far.",
        tags=("deployment", "what"),
    ),
)
"""What replicas report of themselves, and whoever looks at them from outside reports the rest of."""


class Metrics(Protocol):
    """Where a room reports to. Never blocks, never raises for a metric of its table; any thread may call.

    An exporter wants all tags of a row.
    """

    def count(self, name: str, n: float = 1, **tags: str) -> None: ...

    def observe(self, name: str, value: float, **tags: str) -> None: ...

    def gauge(self, name: str, value: float, **tags: str) -> None: ...


@runtime_checkable
class Exposing(Protocol):
    """`Metrics` that can be scraped from the process that reports them."""

    def exposition(self) -> bytes:
        """All that was reported, in the text format of Prometheus."""
        ...


class Silent:
    """Tells nobody."""

    def count(self, name: str, n: float = 1, **tags: str) -> None: ...

    def observe(self, name: str, value: float, **tags: str) -> None: ...

    def gauge(self, name: str, value: float, **tags: str) -> None: ...


SILENT: Metrics = Silent()

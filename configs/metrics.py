"""Metrics as data, and the one small port through which rooms report them: they know no exporter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


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


class Metrics(Protocol):
    """Where a room reports to. Never blocks, never raises for a metric of its table; any thread may call.

    An exporter wants all tags of a row.
    """

    def count(self, name: str, n: float = 1, **tags: str) -> None: ...

    def observe(self, name: str, value: float, **tags: str) -> None: ...

    def gauge(self, name: str, value: float, **tags: str) -> None: ...


class Silent:
    """Tells nobody."""

    def count(self, name: str, n: float = 1, **tags: str) -> None: ...

    def observe(self, name: str, value: float, **tags: str) -> None: ...

    def gauge(self, name: str, value: float, **tags: str) -> None: ...


SILENT: Metrics = Silent()

"""What was asked of a studio, or might be: jobs by the time at which they were accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
"""At which made-up traces begin: what goes by the clock needs a day of the week."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A job: seconds after the trace began, its model, and the seconds that drawing it takes on a GPU of speed 1."""

    at: float
    model: str
    seconds: float
    pictures: int = 1


@dataclass(frozen=True)
class Trace:
    """Arrivals in order, over so many `seconds`."""

    arrivals: tuple[Arrival, ...]
    seconds: float
    began: datetime = MONDAY

    @classmethod
    def of(cls, arrivals: Iterable[Arrival], seconds: float | None = None, began: datetime = MONDAY) -> Trace:
        """Put in order; as long as `seconds`, or until the last one."""
        ordered = tuple(sorted(arrivals, key=lambda one: one.at))
        return cls(ordered, max(seconds or 0.0, ordered[-1].at if ordered else 0.0), began)

    @property
    def work(self) -> float:
        """Seconds of drawing in it."""
        return sum(one.seconds for one in self.arrivals)

    @property
    def months(self) -> float:
        """Of thirty days."""
        return self.seconds / timedelta(days=30).total_seconds()

    def shares(self) -> dict[str, float]:
        """Of its jobs, by model, the most used first."""
        counted = Counter(one.model for one in self.arrivals)
        return {model: count / len(self.arrivals) for model, count in counted.most_common()}

    def denser(self, factor: int) -> Trace:
        """As if `factor` times as many people had lived the same weeks, each a little later than the one before.

        A Poisson process would be smoother: sessions stay sessions.
        """
        hour = 3600.0
        copies = (
            replace(one, at=(one.at + copy * hour / factor) % max(self.seconds, 1.0))
            for copy in range(factor)
            for one in self.arrivals
        )
        return Trace.of(copies, self.seconds, self.began)

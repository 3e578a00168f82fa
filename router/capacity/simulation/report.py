"""What several runs say together: each figure with its spread over the seeds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from router.capacity.decision import Reason
from router.capacity.simulation.records import Record, Use


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean over the seeds, the least and the most."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        return cls(sum(values) / len(values), min(values), max(values))

    def text(self, unit: str = "", digits: int = 0) -> str:
        """`12 (10-15) s`; without the spread where there is none to see."""
        mean, low, high = (f"{value:,.{digits}f}" for value in (self.mean, self.low, self.high))
        return f"{mean}{unit}" if low == high else f"{mean} ({low}-{high}){unit}"


@dataclass(frozen=True)
class Report:
    """Of runs that differ in their seed. Money and hours are of a month of thirty days; waits are seconds from
    acceptance to the first step; shares are of all jobs, unfinished ones included. `use` has GPU hours by what was done
    with them; `missed` the shares of jobs that waited longer than the SLO, by what they waited for."""

    attained: Figure
    p50: Figure
    p95: Figure
    p99: Figure
    cold: Figure
    gpu_hours: Figure
    dollars: Figure
    use: dict[Use, float]
    missed: dict[str, float]
    reasons: Counter[Reason]
    most_nodes: int
    unfinished: int


def summarise(records: Sequence[Record], months: float, slo_seconds: float) -> Report:
    """Of at least one run of `months`."""

    def over(value: Callable[[Record], float]) -> Figure:
        return Figure.of([value(one) for one in records])

    reasons: Counter[Reason] = Counter()
    for one in records:
        reasons.update(one.reasons)
    waits = [sorted(one.waits) for one in records]
    p50, p95, p99 = (Figure.of([quantile(each, share) for each in waits]) for share in (0.5, 0.95, 0.99))
    return Report(
        attained=over(lambda one: one.attained(slo_seconds)),
        p50=p50,
        p95=p95,
        p99=p99,
        cold=over(lambda one: sum(map(bool, one.late)) / max(one.arrived, 1)),
        gpu_hours=over(lambda one: one.gpu_hours / months),
        dollars=over(lambda one: one.dollars / months),
        use={use: sum(one.gpu_seconds[use] for one in records) / 3600 / months / len(records) for use in Use},
        missed=_missed(records, slo_seconds),
        reasons=reasons,
        most_nodes=max(one.most_nodes for one in records),
        unfinished=sum(one.unfinished for one in records),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that `share` of them do not exceed; 0 of nothing."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else 0.0


def _missed(records: Sequence[Record], slo_seconds: float) -> dict[str, float]:
    """By `start` (of a replica, or of its node), `load` (of a model), `queue` (nothing but other jobs)."""
    arrived = max(sum(one.arrived for one in records), 1)
    counted: Counter[str] = Counter()
    for one in records:
        counted.update(late or "queue" for wait, late in zip(one.waits, one.late, strict=True) if wait > slo_seconds)
        counted["queue"] += one.unfinished
    return {why: count / arrived for why, count in counted.most_common() if count}

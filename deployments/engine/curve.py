"""What one call of the model costs, measured: the scheduler's and the ETA's only knowledge of the device."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Hashable
from statistics import median_low, quantiles

from deployments.messages import Calibration

# A point is the median of its first readings, so that one slow start is outvoted; from then on readings move it little.
_FIRST = 5
# How much the newest reading counts (of its logarithm), and how far from the curve a reading is believed at most.
_NEWEST = 0.15
_BELIEVED = math.log(1.5)
# A device that slows down slows every batch: the bucket's other points go this part of the way along.
_SHARED = 0.5
# How many finished requests the calibration looks back on.
_REMEMBERED = 512


class _Bucket:
    """The points of one bucket. Read by any thread, written by one: the line is replaced, never changed in place."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self._readings: dict[int, list[float]] = {}
        self._rows: tuple[int, ...] = ()
        self._line: tuple[tuple[int, ...], tuple[float, ...], float] = ((), (), 0.0)

    def observe(self, rows: int, seconds: float) -> None:
        readings = self._readings.setdefault(rows, [])
        if len(readings) < _FIRST:
            readings.append(seconds)
            self._seconds[rows] = median_low(readings)
        else:
            off = math.log(seconds / self._seconds[rows])
            move = _NEWEST * max(-_BELIEVED, min(_BELIEVED, off))
            for other in self._seconds:
                self._seconds[other] *= math.exp(move if other == rows else _SHARED * move)
        self._line = self._drawn()

    def _drawn(self) -> tuple[tuple[int, ...], tuple[float, ...], float]:
        """Rows, seconds and the steepest slope. Never falling: what more rows can do, fewer can."""
        rows = tuple(sorted(self._seconds))
        line, cheapest = [], math.inf
        for count in reversed(rows):
            cheapest = min(cheapest, self._seconds[count])
            line.append(cheapest)
        line.reverse()
        slopes = [_slope(rows, line, at) for at in range(1, len(rows))]
        return rows, tuple(line), max(slopes, default=line[0] / rows[0])

    def seconds(self, rows: float) -> float:
        known, line, steepest = self._line
        if rows >= known[-1]:
            # Curves are flat, then bend upward: beyond what was measured, the steepest slope seen goes on.
            return line[-1] + steepest * (rows - known[-1])
        at = bisect_left(known, rows)
        if known[at] == rows:
            return line[at]
        if at > 0:
            return line[at] - _slope(known, line, at) * (known[at] - rows)
        # Below the first point its slope goes on, but never under a fair share of it.
        slope = _slope(known, line, 1) if len(known) > 1 else math.inf
        return max(line[0] - slope * (known[0] - rows), line[0] * rows / known[0])


def _slope(rows: tuple[int, ...], line: list[float] | tuple[float, ...], at: int) -> float:
    return (line[at] - line[at - 1]) / (rows[at] - rows[at - 1])


class CostCurve:
    """t(bucket, rows): seconds of one call of the model, learned from calls.

    One thread observes; any may ask. The result never falls as `rows` grows. Between measured row counts it is a
    straight line.
    """

    def __init__(self, size: Callable[[Hashable], float] | None = None) -> None:
        """`size` is the work of one row of a bucket relative to other buckets (say, its tokens), more than 0;
        without it all are taken as equal."""
        self._size = size
        self._buckets: dict[Hashable, _Bucket] = {}
        self._finished: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)

    def observe(self, bucket: Hashable, rows: int, seconds: float) -> None:
        """A call with `rows` took `seconds`. What is no duration (not above 0, not finite) is passed over."""
        if rows < 1 or not 0 < seconds < math.inf:
            return
        known = self._buckets.get(bucket) or _Bucket()
        known.observe(rows, seconds)
        self._buckets[bucket] = known

    def known(self, bucket: Hashable) -> bool:
        return bucket in self._buckets

    def seconds(self, bucket: Hashable, rows: int) -> float:
        """Of one call. A bucket never seen is read off the one nearest in size, by its total work; before anything
        was observed it is 0, so that nothing is refused on a guess."""
        known = self._buckets.get(bucket)
        if known is not None:
            return known.seconds(rows)
        sizes = [(self._relative(bucket, other), points) for other, points in list(self._buckets.items())]
        if not sizes:
            return 0.0
        ratio, nearest = min(sizes, key=lambda pair: abs(math.log(pair[0])))
        return nearest.seconds(rows * ratio)

    def _relative(self, bucket: Hashable, other: Hashable) -> float:
        return self._size(bucket) / self._size(other) if self._size else 1.0

    def marginal(self, bucket: Hashable, rows: int) -> float:
        """Seconds that one row more would add to a call with `rows`; `rows` 0 is the first row's whole price."""
        alone = self.seconds(bucket, rows) if rows else 0.0
        return self.seconds(bucket, rows + 1) - alone

    def calibrate(self, predicted: float, actual: float) -> None:
        """A request took `actual` seconds from arrival to picture, where `predicted` was said on arrival."""
        if predicted > 0 and actual > 0:
            self._finished.append((predicted, actual))

    def calibration(self) -> Calibration | None:
        """Of the requests that finished last; None before the first."""
        pairs = list(self._finished)
        if not pairs:
            return None
        errors = _deciles([abs(predicted / actual - 1) for predicted, actual in pairs])
        ratios = _deciles([actual / predicted for predicted, actual in pairs])
        return Calibration(len(pairs), ratios[4], errors[4], errors[8])


def _deciles(values: list[float]) -> list[float]:
    return quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9

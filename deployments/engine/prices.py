"""What steps cost at one moment, read off the curve once per decision, and when sharing a call is worth it."""

from __future__ import annotations

from collections.abc import Hashable
from math import inf

from deployments.engine.curve import CostCurve

# A batch must do at least this many times the work per second of its members one at a time: below it a shape counts as
# saturated, and sharing would only make the first of them wait for the last.
WORTH = 1.15
# A batch is judged as if those waiting were so many times as many: others arrive while it is drawn, and what it does in
# less time per row helps them too.
AWAITED = 2
# Beyond this many requests one more changes no decision.
_CROWD = 32


class Prices:
    """The curve as it is now. Short-lived: it remembers what it has read."""

    def __init__(self, curve: CostCurve, max_rows: int) -> None:
        self._curve, self._max_rows = curve, max_rows
        self._seconds: dict[tuple[Hashable, int], float] = {}
        self._tables: dict[tuple[Hashable, int], list[float]] = {}

    def step(self, bucket: Hashable, rows: int) -> float:
        """Seconds of one call."""
        seconds = self._seconds.get((bucket, rows))
        if seconds is None:
            seconds = self._seconds[bucket, rows] = self._curve.seconds(bucket, rows)
        return seconds

    def share(self, bucket: Hashable, rows: int, count: int) -> float:
        """Seconds that one step of one of `count` equal requests takes of the device, in calls as wide as pays."""
        widths = range(1, max(1, min(count, self._max_rows // rows)) + 1)
        return min(self.step(bucket, width * rows) / width for width in widths if self._pays(bucket, rows, width))

    def delay(self, bucket: Hashable, rows: int, width: int, seconds: float, count: int) -> float:
        """Seconds that AWAITED times `count` requests wait in sum, per step of each, if `width` of them now share a
        call of `seconds` and the others follow in the best way, as if all were like one of `bucket` and `rows`.

        Infinite if the `count` that are here, should nobody arrive, would wait longer than one at a time.
        """
        alone = self.step(bucket, rows)
        if width > 1 and count * seconds + _in_turn(count - width) * alone > _in_turn(count) * alone:
            return inf
        count = max(width, min(AWAITED * count, _CROWD))
        return count * seconds + self._waiting(bucket, rows)[count - width]

    def _pays(self, bucket: Hashable, rows: int, width: int) -> bool:
        return width == 1 or width * self.step(bucket, rows) >= WORTH * self.step(bucket, width * rows)

    def _waiting(self, bucket: Hashable, rows: int) -> list[float]:
        """For 0, 1, 2, ... equal requests the least sum of their waits: a batch of n delays all that are left by its
        call, then the rest remain. For two that is the rule of thumb: share if it costs less than 1.5 times one."""
        table = self._tables.get((bucket, rows))
        if table is not None:
            return table
        widths = range(1, max(1, self._max_rows // rows) + 1)
        calls = [(width, self.step(bucket, width * rows)) for width in widths if self._pays(bucket, rows, width)]
        table = [0.0]
        for count in range(1, _CROWD + 1):
            table.append(min(count * seconds + table[count - width] for width, seconds in calls if width <= count))
        self._tables[bucket, rows] = table
        return table


def _in_turn(count: int) -> float:
    """How many steps `count` equal requests of one step wait in sum, one at a time."""
    return count * (count + 1) / 2

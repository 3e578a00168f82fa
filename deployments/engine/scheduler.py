"""Who takes the next step together: a batch where sharing a call pays, else one at a time, the soonest done first.

The order is by remaining seconds less a part of the age. All ages grow alike, so it changes only when somebody arrives
or steps: equal requests run to completion, first come first served, and nobody is overtaken for ever, only by those
who arrive within `remaining seconds / AGEING` of him. Who has patience stands where he would, had he come later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from deployments.engine.curve import CostCurve
from deployments.engine.prices import WORTH, Prices

# Seconds of remaining work that one second of age outweighs: 0 is the least work first, much is first come first.
AGEING = 0.2
# A request of another bucket joins a canvas only if that adds at most this part of what its step costs alone.
_GUEST = 0.5
# A forecast looks at so many changes of the batch; whoever is still waiting then is judged by the average.
_FORESEEN = 128


@dataclass(frozen=True, slots=True)
class Candidate:
    """A request that could take a step. Only those with an equal `group` may share a call.

    `rows` of the model's batch per step; `remaining` steps; `waited` seconds since it ARRIVED, whether or not it has
    taken steps since; `deadline` on the caller's clock. Of equals the lower `key` is first.
    With `patience` it counts as arrived so many seconds later.
    """

    key: int
    bucket: Hashable
    rows: int
    remaining: int
    waited: float
    deadline: float | None = None
    group: Hashable | None = None
    patience: float = 0.0


@dataclass(slots=True, eq=False)
class _Place:
    """A candidate's place in line; forecasts move it."""

    candidate: Candidate
    remaining: int
    alone: float
    """Seconds of a step of its own."""

    def order(self) -> tuple[float, float, int]:
        waited = self.candidate.waited - self.candidate.patience
        return self.remaining * self.alone - AGEING * waited, -waited, self.candidate.key


class Scheduler:
    """Decides from what it is shown; keeps no state and no clock. Any thread may ask."""

    def __init__(
        self, curve: CostCurve, canvas: Callable[[Sequence[Hashable]], Hashable | None], max_rows: int
    ) -> None:
        """`canvas` is the family's: the bucket in which those buckets share a call, None where they cannot."""
        self._curve, self._canvas, self._max_rows = curve, canvas, max_rows

    def pick(self, candidates: Sequence[Candidate]) -> tuple[int, ...]:
        """The keys of those who take the next step in one call: of some candidates never none.

        They have at most `max_rows` rows together, except that a single one may have more.
        """
        if not candidates:
            return ()
        prices = Prices(self._curve, self._max_rows)
        members, _ = self._batch(_line(candidates, prices), prices)
        return tuple(place.candidate.key for place in members)

    def order(self, candidates: Sequence[Candidate]) -> tuple[int, ...]:
        """All keys, first in line first."""
        return tuple(place.candidate.key for place in _line(candidates, Prices(self._curve, self._max_rows)))

    def predict(self, candidates: Sequence[Candidate], newcomer: Candidate) -> float:
        """Seconds until `newcomer` is done, if nobody else arrives."""
        done = self._unfold([*candidates, newcomer])
        return next(seconds for candidate, seconds in done if candidate is newcomer)

    def feasible(self, candidates: Sequence[Candidate], newcomer: Candidate, now: float) -> bool:
        """Whether `newcomer` would meet its deadline, if nobody else arrives."""
        return newcomer.deadline is None or now + self.predict(candidates, newcomer) <= newcomer.deadline

    def late(self, candidates: Sequence[Candidate], now: float) -> tuple[int, ...]:
        """The keys of those to let go now, because they will miss their deadlines.

        In the order of the line whoever cannot be done in time is taken out, so that his time is there for those
        behind him. Nothing that meets its deadline in the forecast is named.
        """
        deadlines = [candidate.deadline for candidate in candidates if candidate.deadline is not None]
        if not deadlines or now + self._one_by_one(candidates) <= min(deadlines):
            return ()
        done = self._unfold(candidates, now)
        return tuple(one.key for one, seconds in done if one.deadline is not None and now + seconds > one.deadline)

    def backlog_seconds(self, candidates: Sequence[Candidate]) -> float:
        """Predicted seconds of the device until all are done, with calls as wide as pays."""
        prices = Prices(self._curve, self._max_rows)
        alike: defaultdict[tuple[Hashable, Hashable, int], list[int]] = defaultdict(list)
        for one in candidates:
            alike[one.group, one.bucket, one.rows].append(one.remaining)
        return sum(
            max(sum(steps) * prices.share(bucket, rows, len(steps)), max(steps) * prices.step(bucket, rows))
            for (_, bucket, rows), steps in alike.items()
        )

    def _one_by_one(self, candidates: Sequence[Candidate]) -> float:
        """Seconds without any sharing: no forecast is later."""
        prices = Prices(self._curve, self._max_rows)
        return sum(one.remaining * prices.step(one.bucket, one.rows) for one in candidates)

    def _batch(self, line: Sequence[_Place], prices: Prices) -> tuple[list[_Place], float]:
        """The first in line and those whose company pays, with the seconds of their call."""
        lead, rows, count = line[0].candidate, 0, len(line)
        members: list[_Place] = []
        best, least, alone = (line[:1], line[0].alone), inf, 0.0
        for place, bucket in self._company(line, prices):
            members.append(place)
            rows, alone = rows + place.candidate.rows, alone + place.alone
            seconds = prices.step(bucket, rows)
            if len(members) > 1 and alone < WORTH * seconds:
                continue
            delay = prices.delay(lead.bucket, lead.rows, len(members), seconds, count)
            if delay < least:
                best, least = ([*members], seconds), delay
        return list(best[0]), best[1]

    def _company(self, line: Sequence[_Place], prices: Prices) -> Iterator[tuple[_Place, Hashable]]:
        """Who could share a call with the first in line, himself first, then those of his bucket: each with the bucket
        of the call if he joins."""
        lead = line[0].candidate
        bucket, buckets, rows = lead.bucket, [lead.bucket], 0
        for guest, place in chain(((False, place) for place in line), ((True, place) for place in line)):
            one = place.candidate
            if rows >= self._max_rows:
                return
            if one.group != lead.group or (one.bucket != lead.bucket) != guest or 0 < rows > self._max_rows - one.rows:
                continue
            if one.bucket not in buckets:
                canvas = self._canvas([*buckets, one.bucket])
                if canvas is None:
                    continue
                more = prices.step(canvas, rows + one.rows) - prices.step(bucket, rows)
                if more > _GUEST * place.alone:
                    continue
                bucket, buckets = canvas, [*buckets, one.bucket]
            rows += one.rows
            yield place, bucket

    def _unfold(self, candidates: Sequence[Candidate], now: float | None = None) -> Iterator[tuple[Candidate, float]]:
        """Let all run, with nobody new: each, and after how many seconds it is done. With `now`, whoever
        cannot be done in time even alone is taken out when his turn comes: done never."""
        prices, clock = Prices(self._curve, self._max_rows), 0.0
        line = _line(candidates, prices)
        for _ in range(_FORESEEN):
            if not line:
                return
            members, seconds = self._batch(line, prices)
            hopeless = [place for place in members if now is not None and _misses(place, now + clock)]
            if not hopeless:
                steps = min(place.remaining for place in members)
                clock += steps * seconds
                for place in members:
                    place.remaining -= steps
            yield from ((place.candidate, inf) for place in hopeless)
            yield from ((place.candidate, clock) for place in members if place.remaining == 0)
            line = sorted((place for place in line if place.remaining and place not in hopeless), key=_Place.order)
        for place in line:
            one = place.candidate
            if now is not None and _misses(place, now + clock):
                yield one, inf
            else:
                clock += place.remaining * prices.share(one.bucket, one.rows, len(line))
                yield one, clock


def _line(candidates: Sequence[Candidate], prices: Prices) -> list[_Place]:
    places = [_Place(one, one.remaining, prices.step(one.bucket, one.rows)) for one in candidates]
    return sorted(places, key=_Place.order)


def _misses(place: _Place, now: float) -> bool:
    deadline = place.candidate.deadline
    return deadline is not None and now + place.remaining * place.alone > deadline

"""When calls will be done, and who takes the next one together: the engine's scheduler, for calls instead of steps."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from deployments.engine.flight import Flight
from deployments.engine.flights import candidate
from deployments.engine.scheduler import Candidate, Scheduler
from deployments.pipelines.costs import Costs


@dataclass(slots=True)
class Progress:
    """How far the picture of a flight is. `step` never falls, even if its call has to be taken again; then the picture
    is drawn `apart` from others, whose fault it may have been."""

    steps: int
    step: int = 0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What requests of one bucket must share, to be drawn in one call: `controls` as they count, whatever they show;
    `worn` are the LoRAs merged for it."""

    steps: int
    guidance_scale: float
    strength: float
    controls: tuple[Hashable, ...]
    worn: Hashable | None
    apart: int | None

    @classmethod
    def of(cls, flight: Flight) -> Kind:
        asked, progress = flight.request, flight.state
        return cls(
            steps=asked.num_inference_steps,
            guidance_scale=asked.guidance_scale,
            strength=asked.strength,
            controls=tuple((each.kind, each.scale, each.start, each.end) for each in asked.controls),
            worn=flight.lease.exclusive,
            apart=flight.key if progress.apart else None,
        )


class Forecast:
    """Decides and predicts from what it is shown. The call under way comes first; the others wait for it."""

    def __init__(self, costs: Costs, pictures: int, clock: Callable[[], float]) -> None:
        """At most `pictures` in one call."""
        self.costs, self._clock = costs, clock
        self._scheduler = Scheduler(costs.curve, _shared, pictures)

    def pick(self, flights: Sequence[Flight]) -> tuple[int, ...]:
        """The keys of those who take the next call together."""
        return self._scheduler.pick(self._candidates(flights))

    def seconds_left(self, running: Sequence[Flight]) -> float:
        """Of the call under way; 0 where there is none."""
        if not running:
            return 0.0
        bucket, pictures = running[0].work.bucket, len(running)
        left = max(flight.remaining for flight in running) + self.costs.beside(bucket, pictures)
        return left * self.costs.curve.seconds(bucket, pictures)

    def predict(self, running: Sequence[Flight], waiting: Sequence[Flight], newcomer: Flight) -> float:
        """Seconds until `newcomer` is done, if nobody else arrives."""
        return self.seconds_left(running) + self._scheduler.predict(
            self._candidates(waiting), self._candidate(newcomer)
        )

    def backlog_seconds(self, running: Sequence[Flight], waiting: Sequence[Flight]) -> float:
        """Until all are done."""
        return self.seconds_left(running) + self._scheduler.backlog_seconds(self._candidates(waiting))

    def late(self, running: Sequence[Flight], waiting: Sequence[Flight]) -> tuple[int, ...]:
        """The keys of those who will miss their deadlines."""
        free = self._clock() + self.seconds_left(running)
        missed = (flight.key for flight in running if flight.deadline is not None and free > flight.deadline)
        return (*missed, *self._scheduler.late(self._candidates(waiting), free))

    def _candidates(self, flights: Iterable[Flight]) -> list[Candidate]:
        return [self._candidate(flight) for flight in flights]

    def _candidate(self, flight: Flight) -> Candidate:
        remaining = flight.work.steps + self.costs.beside(flight.work.bucket)
        return candidate(flight, self._clock(), remaining, Kind.of(flight))


def _shared(buckets: Sequence[Hashable]) -> Hashable | None:
    """Only equal buckets fit into one call."""
    return buckets[0] if len(set(buckets)) == 1 else None

"""All that is in flight on one device, as the scheduler sees it: who may begin, who steps next, who comes too late."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING

from deployments.engine.flight import Flight, Ticket, identity
from deployments.engine.scheduler import Candidate, Scheduler
from deployments.families.family import Work

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Lease


class Flights:
    """The book of an engine that takes steps. Iterating gives those of the moment, in order of arrival."""

    def __init__(self, scheduler: Scheduler, clock: Callable[[], float]) -> None:
        self._scheduler, self._clock = scheduler, clock
        self._flights: dict[int, Flight] = {}
        self._keys = itertools.count()

    def __iter__(self) -> Iterator[Flight]:
        return iter([*self._flights.values()])

    def __len__(self) -> int:
        return len(self._flights)

    def equal(self, wanted: Hashable) -> Flight | None:
        """The flight that makes the picture of that identity, if there is one."""
        return next((flight for flight in self if flight.identity == wanted), None)

    def add(self, ticket: Ticket, work: Work, lease: Lease) -> None:
        """A new flight, with the prediction of when it will land."""
        wanted, request = identity(ticket.request), ticket.request
        flight = Flight(next(self._keys), wanted, request, [ticket], work, lease, ticket.arrived)
        flight.predicted_seconds = self._scheduler.predict(self._candidates(self), self._candidate(flight))
        self._flights[flight.key] = flight

    def land(self, flight: Flight) -> None:
        """It is done, or nobody waits for it. A second time does nothing."""
        flight.lease.release()
        self._flights.pop(flight.key, None)

    @property
    def backlog_seconds(self) -> float:
        """Predicted seconds of the device until every flight has landed."""
        return self._scheduler.backlog_seconds(self._candidates(self))

    def started(self) -> list[Flight]:
        """Those whose noise and embeddings are in memory."""
        return [flight for flight in self if flight.state is not None]

    def ready(self) -> list[Flight]:
        """Those that can begin, first in line first."""
        waiting = [flight for flight in self if flight.state is None and flight.lease.settled]
        return [self._flights[key] for key in self._scheduler.order(self._candidates(waiting))]

    def late(self) -> list[Flight]:
        """Those that will miss their deadlines."""
        return [self._flights[key] for key in self._scheduler.late(self._candidates(self), self._clock())]

    def batch(self) -> list[Flight]:
        """Those that take the next step in one call."""
        return [self._flights[key] for key in self._scheduler.pick(self._candidates(self.started()))]

    def _candidates(self, flights: Iterable[Flight]) -> list[Candidate]:
        return [self._candidate(flight) for flight in flights]

    def _candidate(self, flight: Flight) -> Candidate:
        return candidate(flight, self._clock(), flight.remaining, flight.lease.exclusive)


def candidate(flight: Flight, now: float, remaining: int, group: Hashable) -> Candidate:
    """A flight as the scheduler sees it, with `remaining` steps; only those of its `group` may share a call with it."""
    return Candidate(
        key=flight.key,
        bucket=flight.work.bucket,
        rows=flight.work.rows,
        remaining=remaining,
        waited=now - flight.arrived,
        deadline=flight.deadline,
        group=group,
        patience=flight.patience,
    )

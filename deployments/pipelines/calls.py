"""What a pipeline's engine does, call by call: draw a group of equal requests, and look around between its steps.

No thread and no waiting here, so that a test can take the calls itself.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from configs.errors import AtelierError, DeadlineMissed
from deployments.engine.curve import CostCurve
from deployments.engine.failures import Failures
from deployments.engine.flight import Drawn, Flight, Ticket, identity
from deployments.engine.metrics import DEVICE_SECONDS, Metrics
from deployments.messages import GenerateRequest, Picture, StepDone
from deployments.pipelines.costs import Laps
from deployments.pipelines.forecast import Forecast, Progress
from deployments.pipelines.warm_up import draw_a_step
from deployments.pipelines.whole import Stopped, Whole

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Adapters

log = logging.getLogger(__name__)


class Calls:
    """The flights of one pipeline on one device."""

    def __init__(
        self,
        whole: Whole,
        adapters: Adapters,
        forecast: Forecast,
        metrics: Metrics,
        clock: Callable[[], float],
        probe: GenerateRequest,
    ) -> None:
        """`probe` is begun after a failure that nobody foresaw, to see whether the device still draws."""
        self._whole, self._adapters, self._forecast = whole, adapters, forecast
        self._metrics, self._clock, self._probe_request = metrics, clock, probe
        self._waiting: dict[int, Flight] = {}
        self._running: tuple[Flight, ...] = ()
        self._keys = itertools.count()
        self._failures = Failures(self._probe)

    @property
    def fault(self) -> str | None:
        """Why the device no longer draws anything, once that is so."""
        return self._failures.fault

    @property
    def curve(self) -> CostCurve:
        return self._forecast.costs.curve

    @property
    def idle(self) -> bool:
        """Whether a turn would do nothing: no flight can begin."""
        return not any(flight.lease.settled for flight in self._waiting.values())

    @property
    def backlog_seconds(self) -> float:
        """Predicted seconds of the device until every flight has landed."""
        return self._forecast.backlog_seconds(self._running, [*self._waiting.values()])

    def join(self, ticket: Ticket, wake: Callable[[], None]) -> None:
        """Put a ticket on the flight of an equal request, or on a new one. `wake` is called when its LoRAs are here."""
        wanted = identity(ticket.request)
        for flight in (*self._running, *self._waiting.values()):
            if flight.identity == wanted:
                flight.tickets.append(ticket)
                self._metrics.count("atelier_engine_coalesced_requests_total")
                return
        try:
            flight = self._begin(ticket, wake)
        except Exception as error:  # noqa: BLE001 - no request may take the thread, and with it everybody else
            ticket.emit(self._failures.refuse(error, ticket.request))
            return
        flight.predicted_seconds = self._forecast.predict(self._running, [*self._waiting.values()], flight)
        self._waiting[flight.key] = flight

    def take(self, look: Callable[[], bool], /) -> None:
        """One call of the pipeline, if there is one to take. `look` is called before it and between its steps: it takes
        in what has arrived, and says whether to go on."""
        self._adapters.settle()
        self._drop_unwanted()
        ready = [flight for flight in self._waiting.values() if flight.lease.settled]
        picked = self._forecast.pick(ready)
        if picked:
            self._draw(tuple(self._waiting.pop(key) for key in picked), look)
        self._adapters.settle()

    def abandon(self, error: AtelierError) -> None:
        """Answer every flight with `error`."""
        for flight in (*self._running, *self._waiting.values()):
            flight.emit(error)
            flight.lease.release()
        self._running = ()
        self._waiting.clear()

    def _begin(self, ticket: Ticket, wake: Callable[[], None]) -> Flight:
        request = ticket.request
        work = self._whole.work(request)
        lease = self._adapters.ask(request.loras, wake)
        flight = Flight(next(self._keys), identity(request), request, [ticket], work, lease, ticket.arrived)
        flight.state = Progress(work.steps)
        return flight

    def _flights(self) -> tuple[Flight, ...]:
        """All that somebody waits for, those in the call under way first."""
        return (*self._listened(), *self._waiting.values())

    def _listened(self) -> tuple[Flight, ...]:
        """Those in the call under way that somebody waits for."""
        return tuple(flight for flight in self._running if flight.tickets)

    def _drop_unwanted(self) -> None:
        """Let go of what nobody waits for, what cannot wear its LoRAs, and what comes too late. Those in the call under
        way only lose their listeners: it ends when nobody has any."""
        for flight in self._flights():
            if flight.drop_canceled():
                self._forget(flight)
            elif flight.lease.error is not None:
                self._answer(flight, flight.lease.error)
        late = self._forecast.late(self._listened(), [*self._waiting.values()])
        for flight in self._flights():
            if flight.key in late:
                self._metrics.count("atelier_engine_shed_requests_total")
                self._answer(flight, DeadlineMissed("this cannot be drawn within its deadline: too much is waiting"))

    def _draw(self, group: tuple[Flight, ...], look: Callable[[], bool]) -> None:
        """One call for `group`; hand out what it draws."""
        laps, self._running = Laps(self._clock), group
        bucket = group[0].work.bucket
        self._metrics.observe("atelier_engine_batch_rows", len(group))
        for flight in group:
            self._metrics.observe("atelier_engine_queue_wait_seconds", laps.begun - flight.arrived)
        try:
            if not look():
                raise Stopped
            self._adapters.wear(group[0].lease.exclusive)
            pictures = self._whole.draw([flight.request for flight in group], partial(self._watch, laps, look))
            laps.end()
            self._forecast.costs.observe(bucket, len(group), laps)
            self._hand_out(pictures)
        except Stopped:
            self._forecast.costs.observe(bucket, len(group), laps)
        except Exception as error:  # noqa: BLE001 - whatever a model raises, only those who caused it may feel it
            self._blame(group, error)
        self._metrics.count(DEVICE_SECONDS, self._clock() - laps.begun)
        self._land(group)

    def _watch(self, laps: Laps, look: Callable[[], bool], step: int, steps: int) -> None:
        """A step of the call under way is done."""
        if laps.steps:
            self._metrics.observe("atelier_engine_tick_seconds", self._clock() - laps.steps[-1])
        laps.step()
        for flight in self._running:
            _report(flight, step, steps)
        going = look()
        self._drop_unwanted()
        if not (going and self._listened()):
            raise Stopped

    def _hand_out(self, pictures: Sequence[Picture]) -> None:
        for flight, picture in zip(self._running, pictures, strict=True):
            flight.emit(Drawn(picture, self._forecast.costs.alone(flight.work), flight.state.steps))
            flight.tickets.clear()
            actual = self._clock() - flight.arrived
            self._forecast.costs.curve.calibrate(flight.predicted_seconds, actual)
            self._metrics.observe("atelier_engine_eta_error_ratio", flight.predicted_seconds / actual)

    def _blame(self, group: Sequence[Flight], error: Exception) -> None:
        """A call failed. If it was for several, each is drawn apart, so that only the culprit is answered."""
        if len(group) > 1:
            log.warning("a call for %d failed (%s): drawing one by one", len(group), type(error).__name__)
            for flight in group:
                flight.state.apart = True
        else:
            self._answer(group[0], self._failures.answer(error, group[0].request))

    def _land(self, group: Sequence[Flight]) -> None:
        """The call is over: who is still waited for gets another."""
        self._running = ()
        for flight in group:
            if flight.tickets:
                self._waiting[flight.key] = flight
            else:
                flight.lease.release()

    def _probe(self) -> None:
        self._adapters.wear(None)
        draw_a_step(self._whole, self._probe_request)

    def _answer(self, flight: Flight, error: AtelierError) -> None:
        flight.emit(error)
        flight.tickets.clear()
        self._forget(flight)

    def _forget(self, flight: Flight) -> None:
        """Nobody waits for it any more. Who takes part in the call under way keeps his LoRAs until it ends."""
        if self._waiting.pop(flight.key, None) is not None:
            flight.lease.release()


def _report(flight: Flight, step: int, steps: int) -> None:
    """Tell of a step, unless it was told of before."""
    progress: Progress = flight.state
    if step > progress.step:
        progress.step, progress.steps = step, max(steps, step)
        flight.emit(StepDone(progress.step, progress.steps))

"""What the engine's thread does, turn by turn: begin what arrived, take one step for a batch, hand out what is done.

No thread and no waiting here, so that a test can take the turns itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import AtelierError, DeadlineMissed
from deployments.engine.curve import CostCurve
from deployments.engine.embeddings import EmbeddingCache
from deployments.engine.failures import Failures
from deployments.engine.flight import Drawn, Flight, Ticket, identity, to_webp
from deployments.engine.flights import Flights
from deployments.engine.metrics import DEVICE_SECONDS, Metrics
from deployments.engine.scheduler import Scheduler
from deployments.engine.warm_up import draw_once
from deployments.families.family import AnyFamily, Conditioning
from deployments.messages import GenerateRequest, StepDone

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Adapters

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine may hold at once.

    `rows` of one call of the model; `started` requests whose noise and embeddings are in memory; `embedding_bytes` of
    encoded prompts kept for the next request.
    """

    rows: int = 8
    started: int = 32
    embedding_bytes: int = 256 * 2**20


class Turns:
    """The flights of one model on one device."""

    def __init__(
        self,
        family: AnyFamily,
        adapters: Adapters,
        curve: CostCurve,
        limits: Limits,
        metrics: Metrics,
        clock: Callable[[], float],
        probe: GenerateRequest,
    ) -> None:
        """`probe` is drawn after a failure that nobody foresaw, to see whether the device still can."""
        self._family, self._adapters, self._curve, self._limits = family, adapters, curve, limits
        self._metrics, self._clock, self._probe_request = metrics, clock, probe
        self._embeddings: EmbeddingCache[Conditioning] = EmbeddingCache(limits.embedding_bytes)
        self._flights = Flights(Scheduler(curve, family.canvas, limits.rows), clock)
        self._device_seconds = 0.0
        self._failures = Failures(self._probe)

    @property
    def fault(self) -> str | None:
        """Why the device no longer draws anything, once that is so."""
        return self._failures.fault

    @property
    def curve(self) -> CostCurve:
        return self._curve

    @property
    def idle(self) -> bool:
        """Whether a turn would do nothing: no flight can begin or step."""
        return not any(flight.state is not None or flight.lease.settled for flight in self._flights)

    @property
    def empty(self) -> bool:
        """Whether every flight has landed."""
        return not self._flights

    @property
    def backlog_seconds(self) -> float:
        """Predicted seconds of the device until every flight has landed."""
        return self._flights.backlog_seconds

    def join(self, ticket: Ticket, wake: Callable[[], None]) -> None:
        """Put a ticket on the flight of an equal request, or on a new one. `wake` is called when its LoRAs are here."""
        if flight := self._flights.equal(identity(ticket.request)):
            flight.tickets.append(ticket)
            self._metrics.count("atelier_engine_coalesced_requests_total")
            return
        try:
            work = self._family.work(ticket.request)
            lease = self._adapters.ask(ticket.request.loras, wake)
        except Exception as error:  # noqa: BLE001 - no request may take the thread, and with it everybody else
            ticket.emit(self._failures.refuse(error, ticket.request))
            return
        self._flights.add(ticket, work, lease)

    def take(self, _look: Callable[[], bool] = lambda: True, /) -> None:
        """One turn: at most one prompt encoded that was not known, and at most one call of the denoiser: too short to
        look around in between."""
        began, self._device_seconds = self._clock(), 0.0
        self._adapters.settle()
        self._drop_unwanted()
        self._begin_some()
        if batch := self._flights.batch():
            self._step(batch)
            overhead = self._clock() - began - self._device_seconds
            self._metrics.observe("atelier_engine_tick_overhead_seconds", overhead)
        if self._device_seconds:
            self._metrics.count(DEVICE_SECONDS, self._device_seconds)
        self._adapters.settle()  # who landed left slots, which others may wait for: nobody else would tell them

    def abandon(self, error: AtelierError) -> None:
        """Answer every flight with `error`."""
        for flight in self._flights:
            flight.emit(error)
            self._flights.land(flight)

    def _drop_unwanted(self) -> None:
        """Let go of what nobody waits for, what cannot wear its LoRAs, and what comes too late."""
        for flight in self._flights:
            if flight.drop_canceled():
                self._flights.land(flight)
            elif flight.lease.error is not None:
                flight.emit(flight.lease.error)
                self._flights.land(flight)
        for flight in self._flights.late():
            flight.emit(DeadlineMissed("this cannot be drawn within its deadline any more: too much is waiting"))
            self._metrics.count("atelier_engine_shed_requests_total")
            self._flights.land(flight)

    def _begin_some(self) -> None:
        """Begin what can begin: every request whose prompt is known, and one whose prompt is not."""
        started = len(self._flights.started())
        for flight in self._flights.ready():
            if started >= self._limits.started:
                return
            with self._answering(flight):
                self._begin(flight)
            started += 1
            if flight.encoding_seconds:
                return

    def _begin(self, flight: Flight) -> None:
        """Encode, unless the prompt is known, and draw the first noise."""
        request, group = flight.request, flight.lease.exclusive
        key = (self._family.weights, request.prompt, request.negative_prompt, group)
        conditioning = self._embeddings.get(key)
        self._metrics.count("atelier_engine_embedding_lookups_total", result="miss" if conditioning is None else "hit")
        if conditioning is None:
            with self._on_device() as seconds:
                self._adapters.wear(group)
                conditioning = self._family.encode(request.prompt, request.negative_prompt)
            self._embeddings.put(key, conditioning, conditioning.nbytes)
            flight.encoding_seconds = seconds[0]
        with self._on_device():
            flight.state = self._family.start(request, conditioning, flight.lease.selection())
        self._metrics.observe("atelier_engine_queue_wait_seconds", self._clock() - flight.arrived)

    def _step(self, batch: Sequence[Flight]) -> None:
        """One step for each flight of `batch`, in one call; hand out what that finishes."""
        try:
            with self._on_device() as seconds:
                self._adapters.wear(batch[0].lease.exclusive)
                self._family.step([flight.state for flight in batch])
        except Exception as error:  # noqa: BLE001 - whatever a model raises, only those who caused it may feel it
            self._blame(batch, error)
            return
        rows = sum(flight.work.rows for flight in batch)
        if not any(flight.request.step_cache for flight in batch):  # a step taken from memory says nothing of others
            self._curve.observe(self._family.canvas([flight.state.bucket for flight in batch]), rows, seconds[0])
        self._metrics.observe("atelier_engine_tick_seconds", seconds[0])
        self._metrics.observe("atelier_engine_batch_rows", rows)
        for flight in batch:
            with self._answering(flight):
                self._report(flight)

    def _blame(self, batch: Sequence[Flight], error: Exception) -> None:
        """A call failed and left the states as they were: step one by one, so that only the culprit is answered."""
        if len(batch) == 1:
            with self._answering(batch[0]):
                raise error
            return
        log.warning("a batch of %d failed (%s): stepping one by one", len(batch), type(error).__name__)
        for flight in batch:
            self._step([flight])

    def _report(self, flight: Flight) -> None:
        """Tell of the step just taken; after the last one, decode and land."""
        state, preview = flight.state, None
        if flight.preview_due():
            with self._on_device():
                preview = to_webp(self._family.preview(state))
        flight.emit(StepDone(state.step, state.steps, preview))
        if state.step < state.steps:
            return
        with self._on_device() as decoding:
            picture = self._family.decode(state)
        alone = state.steps * self._curve.seconds(state.bucket, flight.work.rows)
        flight.emit(Drawn(picture, flight.encoding_seconds + alone + decoding[0], state.full_steps))
        self._calibrate(flight)
        self._flights.land(flight)

    def _calibrate(self, flight: Flight) -> None:
        """Compare what was predicted on arrival with what it took."""
        actual = self._clock() - flight.arrived
        self._curve.calibrate(flight.predicted_seconds, actual)
        self._metrics.observe("atelier_engine_eta_error_ratio", flight.predicted_seconds / actual)

    @contextmanager
    def _on_device(self) -> Iterator[list[float]]:
        """Time what the model does, apart from what the engine does; the list receives the seconds at the end."""
        seconds: list[float] = []
        begun = self._clock()
        try:
            yield seconds
        finally:
            seconds.append(self._clock() - begun)
            self._device_seconds += seconds[0]

    @contextmanager
    def _answering(self, flight: Flight) -> Iterator[None]:
        """Whatever is raised inside is the answer to `flight`, as one plain sentence, and its end."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a request that fails must not take the others with it
            flight.emit(self._failures.answer(error, flight.request))
            self._flights.land(flight)

    def _probe(self) -> None:
        self._adapters.wear(None)
        draw_once(self._family, self._probe_request)

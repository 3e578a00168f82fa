"""The one thread that owns a whole pipeline and its device: what `Engine` is for models that are taken step by step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

from configs.errors import StageUnavailable
from deployments.engine.curve import CostCurve
from deployments.engine.flight import Event, Ticket
from deployments.engine.metrics import SILENT, Metrics
from deployments.messages import GenerateRequest
from deployments.pipelines.calls import Calls
from deployments.pipelines.costs import Costs
from deployments.pipelines.forecast import Forecast
from deployments.pipelines.warm_up import learn
from deployments.pipelines.whole import Stopped, Whole

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Adapters


@dataclass(frozen=True, slots=True)
class LoadedWhole:
    """A pipeline, and the LoRAs that it can wear."""

    family: Whole
    adapters: Adapters


class Runner:
    """Draws requests one call after the other, equal ones together, each exactly as it would be drawn alone."""

    def __init__(
        self,
        load: Callable[[], LoadedWhole],
        warm_up: GenerateRequest,
        pictures: int = 8,
        metrics: Metrics = SILENT,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Returns when the model is loaded and has learned what its calls cost. Raises what `load` raises.

        At most `pictures` are drawn in one call.
        """
        self._pictures, self._metrics, self._clock = pictures, metrics, clock
        self._arriving: SimpleQueue[Ticket | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._live, args=(load, warm_up, ready), name=f"pipeline {warm_up.request_id}", daemon=True
        )
        self._thread.start()
        ready.result()

    family: Whole
    adapters: Adapters
    curve: CostCurve
    backlog_seconds: float = 0.0
    """Predicted seconds of the device until everything handed in is drawn."""

    def submit(self, request: GenerateRequest, deliver: Callable[[Event], None]) -> Ticket:
        """Hand in a request. Set the ticket's `canceled` to drop it: a call that nobody waits for ends in a step."""
        ticket = Ticket(request, deliver, self._clock())
        with self._lock:
            if self._closed:
                raise StageUnavailable("this replica is shutting down")
            self._arriving.put(ticket)
        return ticket

    def check(self) -> None:
        """Raise StageUnavailable if the thread is gone or the device no longer draws."""
        if not self._thread.is_alive():
            raise StageUnavailable("the pipeline's thread has stopped")
        if self._calls.fault is not None:
            raise StageUnavailable(self._calls.fault)

    def close(self) -> None:
        """Stop after the step being taken; whoever waits gets StageUnavailable. Returns when the thread has ended."""
        with self._lock:
            self._closed = True
        self._wake()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _wake(self) -> None:
        self._arriving.put(None)

    def _live(self, load: Callable[[], LoadedWhole], warm_up: GenerateRequest, ready: Future[None]) -> None:
        try:
            loaded = load()
            self.family, self.adapters = loaded.family, loaded.adapters
            costs = Costs(self.family.size)
            self.curve = costs.curve
            together = learn(self.family, warm_up, costs, self._pictures, self._clock)
            forecast = Forecast(costs, together, self._clock)
            self._calls = Calls(loaded.family, loaded.adapters, forecast, self._metrics, self._clock, warm_up)
        except BaseException as error:  # noqa: BLE001 - handed to the constructor, which raises it
            ready.set_exception(error)
            return
        ready.set_result(None)
        try:
            while not self._closed:
                self._receive()
                self._calls.take(self._look)
                self._tell()
        finally:
            self._refuse_all()

    def _receive(self) -> None:
        """Take in everything that has arrived; wait for it when there is nothing else to do."""
        while self._calls.idle or not self._arriving.empty():
            ticket = self._arriving.get()
            if ticket is None:
                return
            self._calls.join(ticket, self._wake)

    def _look(self) -> None:
        """Between two steps of a call: take in what has arrived. Raises Stopped when this is being closed."""
        while not self._arriving.empty():
            ticket = self._arriving.get()
            if ticket is not None:
                self._calls.join(ticket, self._wake)
        if self._closed:
            raise Stopped
        self._tell()

    def _tell(self) -> None:
        self.backlog_seconds = self._calls.backlog_seconds
        self._metrics.gauge("atelier_engine_backlog_seconds", self.backlog_seconds)

    def _refuse_all(self) -> None:
        error = StageUnavailable("this replica is shutting down")
        with self._lock:
            self._closed = True
            self._calls.abandon(error)
            while not self._arriving.empty():
                ticket = self._arriving.get()
                if ticket is not None:
                    ticket.emit(error)
        self.adapters.close()

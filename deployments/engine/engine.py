"""The one thread that owns a model and its device. Callers hand in requests; the event loop never waits for a step."""

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
from deployments.engine.turns import Limits, Turns
from deployments.engine.warm_up import learn_curve
from deployments.families.family import AnyFamily
from deployments.messages import GenerateRequest

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Adapters


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, and the LoRAs that it can wear."""

    family: AnyFamily
    adapters: Adapters


class Engine:
    """Draws many requests at once, each exactly as it would be drawn alone."""

    def __init__(
        self,
        load: Callable[[], Loaded],
        warm_up: GenerateRequest,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        metrics: Metrics = SILENT,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Returns when the model is loaded and has learned what its steps cost. Raises what `load` raises."""
        self._limits, self._metrics, self._clock = limits, metrics, clock
        self._arriving: SimpleQueue[Ticket | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._live, args=(load, warm_up, ready), name=f"engine {warm_up.request_id}", daemon=True
        )
        self._thread.start()
        ready.result()

    family: AnyFamily
    adapters: Adapters
    curve: CostCurve
    backlog_seconds: float = 0.0
    """Predicted seconds of the device until everything handed in is drawn."""

    def submit(self, request: GenerateRequest, deliver: Callable[[Event], None]) -> Ticket:
        """Hand in a request. Set the ticket's `canceled` to drop it: at most the step being taken is finished."""
        ticket = Ticket(request, deliver, self._clock())
        with self._lock:
            if self._closed:
                raise StageUnavailable("this replica is shutting down")
            self._arriving.put(ticket)
        return ticket

    def check(self) -> None:
        """Raise StageUnavailable if the thread is gone or the device no longer draws."""
        if not self._thread.is_alive():
            raise StageUnavailable("the engine's thread has stopped")
        if self._turns.fault is not None:
            raise StageUnavailable(self._turns.fault)

    def close(self) -> None:
        """Stop after the step being taken; whoever waits gets StageUnavailable. Returns when the thread has ended."""
        with self._lock:
            self._closed = True
        self._wake()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _wake(self) -> None:
        self._arriving.put(None)

    def _live(self, load: Callable[[], Loaded], warm_up: GenerateRequest, ready: Future[None]) -> None:
        try:
            loaded = load()
            self.family, self.adapters = loaded.family, loaded.adapters
            self.curve = CostCurve(self.family.size)
            learn_curve(self.family, warm_up, self.curve, self._limits.rows, self._clock)
            self._turns = Turns(
                loaded.family, loaded.adapters, self.curve, self._limits, self._metrics, self._clock, warm_up
            )
        except BaseException as error:  # noqa: BLE001 - handed to the constructor, which raises it
            ready.set_exception(error)
            return
        ready.set_result(None)
        try:
            while not self._closed:
                self._receive()
                self._turns.take()
                self.backlog_seconds = self._turns.backlog_seconds
                self._metrics.gauge("atelier_engine_backlog_seconds", self.backlog_seconds)
        finally:
            self._refuse_all()

    def _receive(self) -> None:
        """Take in everything that has arrived; wait for it when there is nothing else to do."""
        while self._turns.idle or not self._arriving.empty():
            ticket = self._arriving.get()
            if ticket is None:
                return
            self._turns.join(ticket, self._wake)

    def _refuse_all(self) -> None:
        error = StageUnavailable("this replica is shutting down")
        with self._lock:
            self._closed = True
            self._turns.abandon(error)
            while not self._arriving.empty():
                ticket = self._arriving.get()
                if ticket is not None:
                    ticket.emit(error)
        self.adapters.close()

"""The one thread that owns a model and its device. Callers hand in requests; the event loop never waits for a step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from configs.errors import StageUnavailable
from deployments.engine.core import Core, Loaded, M, Model
from deployments.engine.curve import CostCurve
from deployments.engine.flight import Event, Ticket
from deployments.engine.metrics import BACKLOG_SECONDS, SILENT, Metrics
from deployments.messages import GenerateRequest

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Adapters

_LOOK_SECONDS = 0.5  # between looks at those who wait for something else than the device


class Engine:
    """Draws many requests at once, each exactly as it would be drawn alone: a `Core`, and its thread."""

    def __init__(
        self,
        load: Callable[[], Loaded[M]],
        start: Callable[[Loaded[M]], Core],
        name: str,
        metrics: Metrics = SILENT,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Returns when both, called on the thread `name`, have returned: the model is loaded, and its core has learned
        what it costs. Raises what they raise."""
        self._metrics, self._clock = metrics, clock
        self._arriving: SimpleQueue[Ticket | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._live, args=(load, start, ready), name=name, daemon=True)
        self._thread.start()
        ready.result()

    # There once the constructor has returned: the thread sets them.
    family: Model
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
        if self._core.fault is not None:
            raise StageUnavailable(self._core.fault)

    def close(self) -> None:
        """Stop after the step being taken; whoever waits gets StageUnavailable. Returns when the thread has ended."""
        with self._lock:
            self._closed = True
        self._wake()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _wake(self) -> None:
        self._arriving.put(None)

    def _live(self, load: Callable[[], Loaded[M]], start: Callable[[Loaded[M]], Core], ready: Future[None]) -> None:
        try:
            loaded = load()
            self.family, self.adapters = loaded.family, loaded.adapters
            self._core = start(loaded)
            self.curve = self._core.curve
        except BaseException as error:  # noqa: BLE001 - handed to the constructor, which raises it
            ready.set_exception(error)
            return
        ready.set_result(None)
        try:
            while not self._closed:
                self._receive()
                self._core.take(self._look)
                self._tell()
        finally:
            self._refuse_all()

    def _receive(self) -> None:
        """Take in everything that has arrived. When there is nothing else to do, wait for it, but not for long: who
        waits for a LoRA may leave meanwhile, or miss a deadline."""
        if self._core.idle:
            with suppress(Empty):
                self._join(self._arriving.get(timeout=_LOOK_SECONDS))
        self._join_all()

    def _look(self) -> bool:
        """For a core in the middle of its work: take in what has arrived; whether to go on."""
        self._join_all()
        self._tell()
        return not self._closed

    def _join_all(self) -> None:
        while not self._arriving.empty():
            self._join(self._arriving.get())

    def _join(self, arrived: Ticket | None) -> None:
        if arrived is not None:
            self._core.join(arrived, self._wake)

    def _tell(self) -> None:
        self.backlog_seconds = self._core.backlog_seconds
        self._metrics.gauge(BACKLOG_SECONDS, self.backlog_seconds)

    def _refuse_all(self) -> None:
        error = StageUnavailable("this replica is shutting down")
        with self._lock:
            self._closed = True
            self._core.abandon(error)
            while not self._arriving.empty():
                ticket = self._arriving.get()
                if ticket is not None:
                    ticket.emit(error)
        self._tell()  # first: on a device that is broken, the weights may not be restorable
        self.adapters.close()

"""The one thread that owns a model and its device. Requests wait in line; the event loop is never blocked by a step."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Any, TypeAlias

from PIL import Image

from configs.errors import AtelierError, Canceled, StageError, StageUnavailable
from deployments.families.family import Family
from deployments.messages import GenerateRequest, Picture, StepDone

log = logging.getLogger(__name__)

_WARM_UP_STEPS = 3
# How much the newest picture counts in the measured speed.
_NEWEST = 0.3


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and the seconds it took on the device."""

    picture: Picture
    seconds: float


Event: TypeAlias = StepDone | Drawn | AtelierError


@dataclass(slots=True)
class Ticket:
    """One request in the engine. `deliver` is called on the engine's thread, last with a `Drawn` or an error."""

    request: GenerateRequest
    deliver: Callable[[Event], None]
    canceled: threading.Event = field(default_factory=threading.Event)

    def emit(self, event: Event) -> None:
        try:
            self.deliver(event)
        except RuntimeError:
            # The listener's event loop is gone, and with it whoever wanted the picture.
            self.canceled.set()


class Engine:
    """Loads a family and draws, first come first served, on a thread of its own."""

    def __init__(self, load: Callable[[], Family[Any, Any]], warm_up: GenerateRequest) -> None:
        """Returns when the model is loaded and has drawn `warm_up` once. Raises what `load` raises."""
        self._load = load
        self._warm_up = replace(warm_up, num_inference_steps=_WARM_UP_STEPS)
        self._waiting: SimpleQueue[Ticket | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._current: Ticket | None = None
        self._closed = False
        self._fault: str | None = None
        self._ready: Future[Family[Any, Any]] = Future()
        self._thread = threading.Thread(target=self._live, name=f"engine {warm_up.request_id}", daemon=True)
        self._thread.start()
        self.family = self._ready.result()

    seconds_per_step: float
    """Measured: at first on the warm-up, then on the pictures drawn, the newest counting most."""

    def submit(self, request: GenerateRequest, deliver: Callable[[Event], None]) -> Ticket:
        """Put a request in line. Set the ticket's `canceled` to drop it: at most the step being taken is finished."""
        ticket = Ticket(request, deliver)
        with self._lock:
            if self._closed:
                raise StageUnavailable("this replica is shutting down")
            self._waiting.put(ticket)
        return ticket

    def check(self) -> None:
        """Raise StageUnavailable if the thread is gone or the device no longer draws."""
        if not self._thread.is_alive():
            raise StageUnavailable("the engine's thread has stopped")
        if self._fault is not None:
            raise StageUnavailable(self._fault)

    def close(self) -> None:
        """Stop after the step being taken; whoever waits gets StageUnavailable. Returns when the thread has ended."""
        with self._lock:
            self._closed = True
            self._waiting.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _live(self) -> None:
        try:
            family = self._load()
            self.family = family
            self.seconds_per_step = self._draw_warm_up()
        except BaseException as error:  # noqa: BLE001 - handed to the constructor, which raises it
            self._ready.set_exception(error)
            return
        self._ready.set_result(family)
        try:
            while (ticket := self._waiting.get()) is not None:
                self._serve(ticket)
        finally:
            self._refuse_waiting()

    def _serve(self, ticket: Ticket) -> None:
        try:
            for event in self._draw(ticket):
                ticket.emit(event)
        except AtelierError as error:
            ticket.emit(error)
        except Exception as error:  # noqa: BLE001 - a request that fails must not take the others with it
            log.exception("request %s failed", ticket.request.request_id)
            ticket.emit(StageError(_explain(error, ticket.request)))
            self._probe()

    def _draw(self, ticket: Ticket) -> Iterator[Event]:
        self._stop_if_unwanted(ticket)
        request, started = ticket.request, time.perf_counter()
        due = preview_steps(request.previews, request.num_inference_steps)
        conditioning = self.family.encode(request.prompt, request.negative_prompt)
        state = self.family.start(request, conditioning)
        stepping = 0.0
        while state.step < state.steps:
            self._stop_if_unwanted(ticket)
            begun = time.perf_counter()
            self.family.step([state])
            stepping += time.perf_counter() - begun
            preview = to_webp(self.family.preview(state)) if state.step in due else None
            yield StepDone(state.step, state.steps, preview)
        self._stop_if_unwanted(ticket)
        picture = self.family.decode(state)
        self.seconds_per_step += _NEWEST * (stepping / state.steps - self.seconds_per_step)
        yield Drawn(picture, time.perf_counter() - started)

    def _stop_if_unwanted(self, ticket: Ticket) -> None:
        if ticket.canceled.is_set():
            raise Canceled("canceled")
        if self._closed:
            raise StageUnavailable("this replica is shutting down")

    def _draw_warm_up(self) -> float:
        """Seconds per step, the first one left out: it pays for memory and kernels that the others reuse."""
        request = self._warm_up
        state = self.family.start(request, self.family.encode(request.prompt, request.negative_prompt))
        self.family.step([state])
        started = time.perf_counter()
        while state.step < state.steps:
            self.family.step([state])
        seconds = (time.perf_counter() - started) / (_WARM_UP_STEPS - 1)
        self.family.decode(state)
        return seconds

    def _probe(self) -> None:
        """After a failure that nobody foresaw: was it the request, or can this device no longer draw at all?"""
        try:
            self._draw_warm_up()
        except Exception as error:  # noqa: BLE001 - recorded; the health check reports it and the replica is replaced
            self._fault = f"the device no longer draws: {type(error).__name__}"

    def _refuse_waiting(self) -> None:
        with self._lock:
            self._closed = True
            while not self._waiting.empty():
                ticket = self._waiting.get()
                if ticket is not None:
                    ticket.emit(StageUnavailable("this replica is shutting down"))


def preview_steps(previews: int, steps: int) -> frozenset[int]:
    """After which steps a preview is due: evenly spaced, never after the last, when the picture itself follows."""
    count = max(0, min(previews, steps - 1))
    return frozenset(-(-index * steps // (count + 1)) for index in range(1, count + 1))


def to_webp(picture: Picture) -> bytes:
    """A preview as a small file."""
    file = io.BytesIO()
    Image.frombytes("RGB", (picture.width, picture.height), picture.rgb).save(file, "WEBP", quality=60, method=0)
    return file.getvalue()


def _explain(error: Exception, request: GenerateRequest) -> str:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return f"not enough memory for {request.width}x{request.height}: choose a smaller size"
    return f"the model failed on this request ({type(error).__name__}); the replica's log has the details"

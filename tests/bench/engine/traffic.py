"""Requests that arrive by chance, and three ways to serve them with one and the same model."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Protocol, TypeAlias, TypeVar

from deployments.engine.engine import Engine
from deployments.engine.flight import Drawn, Event
from deployments.families.family import AnyFamily
from deployments.messages import GenerateRequest, StepDone

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request, `at` seconds after the first."""

    at: float
    request: GenerateRequest


Waiting: TypeAlias = tuple[GenerateRequest, Future[float]]


class Server(Protocol):
    """Whoever draws. The future holds the moment at which the picture was there, or the error."""

    def submit(self, request: GenerateRequest) -> Future[float]: ...


def poisson(count: int, per_second: float, steps: Sequence[int], request: GenerateRequest, seed: int) -> list[Arrival]:
    """`count` requests at random moments, each with one of `steps` and a seed of its own."""
    rng = random.Random(seed)
    moments = [0.0]
    while len(moments) < count:
        moments.append(moments[-1] + rng.expovariate(per_second))
    return [
        Arrival(at, replace(request, seed=rng.randrange(2**31), num_inference_steps=rng.choice(steps)))
        for at in moments
    ]


def play(server: Server, arrivals: Sequence[Arrival]) -> list[float | None]:
    """Seconds from each arrival to its picture, None for a request that was refused."""
    begun = time.perf_counter()
    promised = []
    for arrival in arrivals:
        time.sleep(max(0.0, begun + arrival.at - time.perf_counter()))
        promised.append((time.perf_counter(), server.submit(arrival.request)))
    return [None if future.exception() else future.result() - since for since, future in promised]


class EngineServer:
    """Ours."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(self, request: GenerateRequest) -> Future[float]:
        future: Future[float] = Future()

        def deliver(event: Event) -> None:
            if isinstance(event, Drawn):
                future.set_result(time.perf_counter())
            elif not isinstance(event, StepDone):
                future.set_exception(event)

        self._engine.submit(request, deliver)
        return future


class Worker:
    """A thread that takes up to `width` waiting requests and draws them to the end before it takes more.

    With `width` 1 this is the plain server that draws one request at a time, first come first served; with more it
    batches requests as a call of a pipeline does: all wait for the longest.
    """

    def __init__(self, family: AnyFamily, width: int) -> None:
        self._family, self._width = family, width
        self._waiting: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def submit(self, request: GenerateRequest) -> Future[float]:
        future: Future[float] = Future()
        self._waiting.put((request, future))
        return future

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _live(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while len(batch) < self._width:
                try:
                    more = self._waiting.get_nowait()
                except Empty:
                    break
                if more is None:
                    self._waiting.put(None)
                    break
                batch.append(more)
            draw(self._family, [request for request, _ in batch])
            for _, future in batch:
                future.set_result(time.perf_counter())


def draw(family: AnyFamily, requests: Sequence[GenerateRequest]) -> None:
    """Encode, step and decode `requests` together, as a pipeline would: nothing leaves before the last is done."""
    states = [family.start(one, family.encode(one.prompt, one.negative_prompt)) for one in requests]
    while running := [state for state in states if state.step < state.steps]:
        family.step(running)
    for state in states:
        family.decode(state)


def draw_in_turn(family: AnyFamily, requests: Sequence[GenerateRequest]) -> float:
    """One after another, each to its end: the seconds of all. The first is drawn once more before the clock starts."""

    def work() -> float:
        draw(family, requests[:1])
        begun = time.perf_counter()
        for request in requests:
            draw(family, [request])
        return time.perf_counter() - begun

    return aside(work)


def draw_together(server: Server, requests: Sequence[GenerateRequest]) -> float:
    """Hand in all at once and wait for the last: the seconds of all."""
    begun = time.perf_counter()
    return max(future.result() for future in [server.submit(request) for request in requests]) - begun


@contextmanager
def worker(family: AnyFamily, width: int) -> Iterator[Worker]:
    one = Worker(family, width)
    try:
        yield one
    finally:
        one.close()


def aside(work: Callable[[], T]) -> T:
    """The result of `work`, done on a thread that ends with it.

    Each thread that calls a model keeps helper threads of its own, and as soon as there are more of those than cores,
    they wait asleep for each other's parts instead of awake, which makes a small call two to three times as long.
    So whoever draws here has no other beside him: the engine, a plain server, or this.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def seconds_of(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun

"""An engine's thread takes requests while it draws, and ends cleanly."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Any

import pytest

from configs.errors import ConfigError, StageUnavailable
from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.flight import Drawn, Event
from deployments.engine.metrics import SILENT, Metrics, OfModel, Recorded
from deployments.messages import GenerateRequest, StepDone
from deployments.pipelines.engine import pipeline_engine
from deployments.pipelines.whole import Whole
from tests.deployments.pipelines.fake import SIDE, Clock, Fake, FakeAdapters
from tests.deployments.tiny import request as tiny_request


class Gate:
    """Lets a pipeline take its steps one by one, once it is shut."""

    def __init__(self) -> None:
        self._open = True
        self._passes: SimpleQueue[None] = SimpleQueue()
        self.reached: SimpleQueue[int] = SimpleQueue()

    def shut(self) -> None:
        self._open = False

    def let(self, steps: int) -> None:
        for _ in range(steps):
            self._passes.put(None)

    def __call__(self, step: int) -> None:
        if not self._open:
            self.reached.put(step)
            self._passes.get(timeout=60)


def request(**changes: Any) -> GenerateRequest:
    return tiny_request(**{"width": SIDE, "height": SIDE, **changes})


class Caller:
    """One caller, who can wait for what he is told."""

    def __init__(self, engine: Engine, asked: GenerateRequest) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.ticket = engine.submit(asked, self.events.put)

    def end(self) -> Event:
        while isinstance(event := self.events.get(timeout=60), StepDone):
            pass
        return event


def running(fake: Fake, metrics: Metrics = SILENT, adapters: FakeAdapters | None = None) -> Engine:
    worn: Any = adapters or FakeAdapters()
    return pipeline_engine(lambda: Loaded(fake, worn), request(request_id="warm-up"), metrics=metrics)


def test_requests_during_a_call_share_the_next() -> None:
    gate, fake = Gate(), Fake(Clock())
    fake.between = gate
    engine = running(fake)
    gate.shut()
    first = Caller(engine, request(seed=1))
    gate.reached.get(timeout=60)
    others = [Caller(engine, request(seed=seed)) for seed in (2, 3)]
    gate.let(8)
    assert all(isinstance(caller.end(), Drawn) for caller in (first, *others))
    assert [tuple(sorted(call)) for call in fake.calls[-2:]] == [(1,), (2, 3)]  # two threads hand them in
    engine.close()


def test_canceling_ends_a_call_within_a_step() -> None:
    gate, fake = Gate(), Fake(Clock())
    fake.between = gate
    engine = running(fake)
    gate.shut()
    caller = Caller(engine, request(seed=1, num_inference_steps=200))
    gate.let(2)
    assert [gate.reached.get(timeout=60) for _ in range(3)] == [1, 2, 3]
    caller.ticket.canceled.set()
    gate.let(1 + 4)
    assert isinstance(Caller(engine, request(seed=2)).end(), Drawn)
    assert fake.steps_taken[-2:] == [3, 4]
    engine.close()


def test_closing_ends_a_call_within_a_step_and_answers_everyone() -> None:
    gate, fake = Gate(), Fake(Clock())
    fake.between = gate
    engine = running(fake)
    gate.shut()
    callers = [Caller(engine, request(seed=1, num_inference_steps=200))]
    gate.reached.get(timeout=60)
    callers.append(Caller(engine, request(seed=2)))
    closing = threading.Thread(target=engine.close)
    closing.start()
    while not engine._closed:
        threading.Event().wait(0.001)
    gate.let(1)
    closing.join(timeout=60)
    assert not closing.is_alive()
    assert all(isinstance(caller.end(), StageUnavailable) for caller in callers)
    assert fake.steps_taken[-1] == 1
    with pytest.raises(StageUnavailable):
        engine.submit(request(), lambda _: None)
    with pytest.raises(StageUnavailable):
        engine.check()


def test_the_backlog_is_told_while_a_call_runs() -> None:
    gate, fake, metrics = Gate(), Fake(Clock()), Recorded()
    fake.between = gate
    engine = running(fake, OfModel(metrics, "fake"))
    gate.shut()
    caller = Caller(engine, request(num_inference_steps=4))
    gate.let(2)
    for _ in range(3):
        gate.reached.get(timeout=60)
    assert engine.backlog_seconds == metrics.last("atelier_engine_backlog_seconds", "fake") > 0
    gate.let(2)
    caller.end()
    engine.close()
    assert engine.backlog_seconds == metrics.last("atelier_engine_backlog_seconds", "fake") == 0


class Stuck(FakeAdapters):
    """Those of a device that is broken."""

    def close(self) -> None:
        raise RuntimeError("the weights cannot be restored")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_no_backlog_is_left_behind_even_on_a_broken_device() -> None:
    gate, fake, metrics = Gate(), Fake(Clock()), Recorded()
    fake.between = gate
    engine = running(fake, OfModel(metrics, "fake"), Stuck())
    gate.shut()
    caller = Caller(engine, request(num_inference_steps=200))
    gate.reached.get(timeout=60)
    assert metrics.last("atelier_engine_backlog_seconds", "fake") > 0
    closing = threading.Thread(target=engine.close)
    closing.start()
    while not engine._closed:
        threading.Event().wait(0.001)
    gate.let(1)
    closing.join(timeout=60)
    assert isinstance(caller.end(), StageUnavailable)
    assert engine.backlog_seconds == metrics.last("atelier_engine_backlog_seconds", "fake") == 0


def test_a_listener_whose_loop_is_gone_stops_nothing() -> None:
    engine = running(Fake(Clock()))

    def gone(_: Event) -> None:
        raise RuntimeError("Event loop is closed")

    engine.submit(request(seed=1, num_inference_steps=200), gone)
    assert isinstance(Caller(engine, request(seed=2)).end(), Drawn)
    engine.check()
    engine.close()


def test_what_loading_raises_comes_out_and_leaves_no_thread() -> None:
    def load() -> Loaded[Whole]:
        raise ConfigError("no weights")

    with pytest.raises(ConfigError, match="no weights"):
        pipeline_engine(load, request(request_id="never-ready"))
    assert not [thread for thread in threading.enumerate() if "never-ready" in thread.name and thread.is_alive()]

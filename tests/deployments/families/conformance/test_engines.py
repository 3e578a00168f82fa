"""Every family in the thread that runs it: progress rises to its end, a picture nobody wants is given up within a
step, and what was drawn alone is drawn again the same beside others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import pytest

from configs.errors import StageError
from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.flight import Drawn, Event
from deployments.engine.steps import step_engine
from deployments.engine.turns import Limits
from deployments.families.registry import FAMILIES
from deployments.loras.wardrobe import wardrobe
from deployments.messages import GenerateRequest, Picture, StepDone
from deployments.pipelines.engine import pipeline_engine
from tests.deployments.families.conformance.tinies import find
from tests.deployments.families.conformance.trying import Folders, Tried

ROWS = {family: (family, next(iter(variants))) for family, variants in FAMILIES.table().families.items()}
LONG = 60


class Running:
    """A family in its engine, and the seeds of the pictures that it took steps for, one for each step."""

    def __init__(self, tried: Tried) -> None:
        self.tried, self.taken = tried, list[int]()
        model = tried.model
        adapters, asked = wardrobe(model, tried.config, tried.loras), tried.cells[0].asked
        if tried.can.engine == "pipeline":
            self._patched = "draw"
            model.draw = self._called(model.draw)
            self.engine: Engine = pipeline_engine(lambda: Loaded(model, adapters), asked, pictures=2)
        else:
            self._patched = "step"
            model.step = self._stepped(model.step)
            self.engine = step_engine(lambda: Loaded(model, adapters), asked, Limits(rows=4))

    def close(self) -> None:
        self.engine.close()
        delattr(self.tried.model, self._patched)

    def long(self) -> GenerateRequest:
        """A request of many steps, where the family can take many."""
        asked = replace(self.tried.cells[0].asked, seed=11)
        return asked if self.tried.can.steps[0] == self.tried.can.steps[1] else replace(asked, num_inference_steps=LONG)

    def _stepped(self, step: Any) -> Any:
        def count(states: Sequence[Any]) -> None:
            step(states)
            self.taken += [state.generator.initial_seed() for state in states]

        return count

    def _called(self, draw: Any) -> Any:
        def note(requests: Sequence[GenerateRequest], watch: Any) -> list[Picture]:
            def count(step: int, steps: int) -> None:
                self.taken += [request.seed for request in requests]
                watch(step, steps)

            drawn: list[Picture] = draw(requests, count)
            return drawn

        return note


class Caller:
    """One who asks for a picture, and wants it no more after the step `until`."""

    def __init__(self, running: Running, asked: GenerateRequest, until: int | None = None) -> None:
        self._until = until
        self._tickets: SimpleQueue[Any] = SimpleQueue()
        self.events: SimpleQueue[Event | None] = SimpleQueue()
        self._tickets.put(running.engine.submit(asked, self._hear))

    def wait(self) -> list[Event]:
        """All that was told, up to the picture or the error; or to where it was given up."""
        told: list[Event] = []
        while (event := self.events.get(timeout=120)) is not None:
            told.append(event)
            if not isinstance(event, StepDone):
                break
        return told

    def _hear(self, event: Event) -> None:
        self.events.put(event)
        if isinstance(event, StepDone) and event.step == self._until:
            ticket = self._tickets.get(timeout=120)
            ticket.canceled.set()
            self.events.put(None)


@pytest.fixture(params=ROWS)
def running(request: pytest.FixtureRequest, folders: Folders) -> Iterator[Running]:
    row = ROWS[request.param]
    running = Running(folders.find(*row, find(*row)))
    yield running
    running.close()


def picture(told: Sequence[Event]) -> Picture:
    drawn = told[-1]
    assert isinstance(drawn, Drawn), drawn
    assert isinstance(drawn.picture, Picture)
    return drawn.picture


def test_a_family_keeps_its_engines_promises(running: Running) -> None:
    asked = running.tried.cells[0].asked
    alone = Caller(running, asked).wait()
    steps = [event for event in alone if isinstance(event, StepDone)]
    assert [event.step for event in steps] == list(range(1, len(steps) + 1))
    assert {event.steps for event in steps} == {len(steps)}
    assert len(steps) == running.tried.model.work(asked).steps

    given_up = Caller(running, running.long(), until=1).wait()
    assert [type(event) for event in given_up] == [StepDone]
    callers = [Caller(running, each) for each in (asked, replace(asked, seed=12), asked)]
    together = [picture(caller.wait()) for caller in callers]
    assert running.taken.count(11) <= 2
    assert together[0] == together[2]
    levels = zip(together[0].rgb, picture(alone).rgb, strict=True)
    assert max(abs(one - other) for one, other in levels) <= 1
    assert picture(Caller(running, asked).wait()) == picture(alone)

    (refused,) = Caller(running, replace(asked, width=asked.width + 1)).wait()
    assert isinstance(refused, StageError)
    assert refused.field in ("size", "image")
    running.engine.check()

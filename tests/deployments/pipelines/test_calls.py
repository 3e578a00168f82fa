"""Who shares a call, who is told what, and when a call ends early: an engine's work without its thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from configs.errors import AtelierError, DeadlineMissed, StageError, StageUnavailable, UnknownName
from configs.schema import AppliedLora
from deployments.engine.flight import Drawn, Event, Ticket
from deployments.engine.metrics import OfModel, Recorded
from deployments.messages import GenerateRequest, Picture, StepDone
from deployments.pipelines.calls import Calls
from deployments.pipelines.costs import Costs
from deployments.pipelines.forecast import Forecast
from tests.deployments import asking
from tests.deployments.pipelines.fake import SIDE, Clock, Fake, FakeAdapters
from tests.deployments.tiny import request as tiny_request

ICON, SOFT = (AppliedLora(lora="icon"),), (AppliedLora(lora="icon", strength=0.5),)


def request(**changes: Any) -> GenerateRequest:
    return tiny_request(**{"width": SIDE, "height": SIDE, **changes})


@dataclass
class Listener:
    """One caller, and all that it is told."""

    ticket: Ticket
    told: list[Event]

    @property
    def steps(self) -> list[int]:
        return [event.step for event in self.told if isinstance(event, StepDone)]

    @property
    def end(self) -> Event:
        return self.told[-1]


@dataclass
class Bench:
    """A fake pipeline, its calls, and callers."""

    clock: Clock = field(default_factory=Clock)
    adapters: FakeAdapters = field(default_factory=FakeAdapters)
    metrics: Recorded = field(default_factory=Recorded)
    together: int = 4

    def __post_init__(self) -> None:
        self.fake = Fake(self.clock)
        costs = Costs(self.fake.size)
        for rows in (1, 2, 4):
            costs.curve.observe((SIDE, SIDE), rows, 1 + 0.1 * (rows - 1))
            costs._beside.observe((SIDE, SIDE), rows, 2.0)
        forecast = Forecast(costs, self.together, self.clock)
        adapters: Any = self.adapters
        metrics, probe = OfModel(self.metrics, "fake"), request(prompt="probe", seed=99)
        self.calls = Calls(self.fake, adapters, forecast, metrics, self.clock, probe)

    def ask(self, **changes: Any) -> Listener:
        told: list[Event] = []
        ticket = Ticket(request(**changes), told.append, self.clock())
        self.calls.join(ticket, lambda: None)
        return Listener(ticket, told)

    def run(self, look: Callable[[], bool] = lambda: True) -> None:
        while not self.calls.idle:
            self.calls.take(look)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_steps_then_the_picture(bench: Bench) -> None:
    caller = bench.ask()
    bench.run()
    assert caller.steps == [1, 2, 3, 4]
    assert isinstance(caller.end, Drawn)
    assert caller.end.picture == bench.fake.picture(caller.ticket.request)
    assert caller.end.full_steps == 4
    assert caller.end.seconds == pytest.approx(4 * 1.0 + 2.0)


def test_equal_shapes_share_a_call_and_others_do_not(bench: Bench) -> None:
    for seed in (1, 2, 3):
        bench.ask(seed=seed)
    bench.ask(seed=4, num_inference_steps=6)
    bench.ask(seed=5, guidance_scale=9.0)
    bench.ask(seed=6, width=2 * SIDE)
    bench.ask(seed=7, strength=0.5)
    shown = Picture(1, 1, b"abc"), Picture(1, 1, b"def")
    for seed, (picture, scale) in enumerate([(shown[0], 1.0), (shown[1], 1.0), (shown[0], 0.5)], start=8):
        bench.ask(seed=seed, controls=(asking.control("canny", picture, scale),))
    bench.run()
    assert (1, 2, 3) in bench.fake.calls
    assert sorted(bench.fake.calls) == [(1, 2, 3), (4,), (5,), (6,), (7,), (8, 9), (10,)]


def test_no_more_share_a_call_than_may(bench: Bench) -> None:
    callers = [bench.ask(seed=seed) for seed in range(6)]
    bench.run()
    assert max(map(len, bench.fake.calls)) == 4
    assert all(isinstance(caller.end, Drawn) for caller in callers)


def test_loras_of_a_call_are_equal_and_worn(bench: Bench) -> None:
    for seed, loras in enumerate((ICON, SOFT, (), ICON)):
        bench.ask(seed=seed, loras=loras)
    bench.run()
    assert sorted(bench.fake.calls) == [(0, 3), (1,), (2,)]
    assert {(call, worn) for call, worn in zip(bench.fake.calls, bench.adapters.worn, strict=True)} == {
        ((0, 3), (("icon", 1.0),)),
        ((1,), (("icon", 0.5),)),
        ((2,), None),
    }
    assert all(lease.released == 1 for lease in bench.adapters.leases)


def test_a_lora_that_is_being_read_holds_nobody_back(bench: Bench) -> None:
    bench.adapters.holding = True
    waiting, other = bench.ask(seed=1, loras=ICON), bench.ask(seed=2)
    bench.run()
    assert isinstance(other.end, Drawn)
    assert waiting.told == []
    bench.adapters.leases[0].settled = True
    bench.run()
    assert isinstance(waiting.end, Drawn)


def test_a_lora_that_cannot_be_had_is_answered(bench: Bench) -> None:
    assert isinstance(bench.ask(loras=(AppliedLora(lora="missing"),)).end, UnknownName)
    bench.adapters.holding = True
    failed = bench.ask(loras=ICON)
    bench.adapters.leases[0].settled, bench.adapters.leases[0].error = True, StageError("broken file")
    bench.run()
    assert str(failed.end) == "broken file"
    assert bench.fake.calls == []


def test_equal_requests_are_drawn_once(bench: Bench) -> None:
    one, other = bench.ask(), bench.ask(request_id="r2", deadline_seconds=100)
    bench.run()
    assert bench.fake.calls == [(7,)]
    assert one.end == other.end
    assert bench.metrics.total("atelier_engine_coalesced_requests_total") == 1


def test_an_equal_request_joins_a_call_under_way(bench: Bench) -> None:
    late: list[Listener] = []
    bench.ask()
    bench.fake.between = lambda step: late.append(bench.ask()) if step == 2 else None
    bench.run()
    assert late[0].steps == [2, 3, 4]
    assert isinstance(late[0].end, Drawn)
    assert bench.fake.calls == [(7,)]


def test_a_call_that_nobody_waits_for_ends_within_a_step(bench: Bench) -> None:
    callers = [bench.ask(seed=seed, num_inference_steps=50) for seed in (1, 2)]

    def leave(step: int) -> None:
        if step == 3:
            for caller in callers:
                caller.ticket.canceled.set()

    bench.fake.between = leave
    bench.run()
    assert bench.fake.steps_taken == [3]
    assert not any(isinstance(event, Drawn) for caller in callers for event in caller.told)
    assert [lease.released for lease in bench.adapters.leases] == [1, 1]


def test_a_call_goes_on_for_who_is_left(bench: Bench) -> None:
    leaving, staying = bench.ask(seed=1), bench.ask(seed=2)
    bench.fake.between = lambda step: leaving.ticket.canceled.set()
    bench.run()
    assert isinstance(staying.end, Drawn)
    assert staying.end.picture == bench.fake.picture(staying.ticket.request)
    assert leaving.steps == [1]


def test_who_leaves_before_the_call_is_not_drawn(bench: Bench) -> None:
    bench.ask(seed=1).ticket.canceled.set()
    bench.run()
    assert bench.fake.calls == []
    assert bench.adapters.leases[0].released == 1


def test_the_culprit_alone_is_answered(bench: Bench) -> None:
    bench.fake.spoilt = frozenset({"poison"})
    good, bad, other = bench.ask(seed=1), bench.ask(seed=2, prompt="poison"), bench.ask(seed=3)
    bench.run()
    assert isinstance(bad.end, StageError)
    assert "ZeroDivisionError" in str(bad.end)
    assert "secret" not in str(bad.end)
    assert isinstance(good.end, Drawn)
    assert isinstance(other.end, Drawn)
    assert bench.fake.calls[0] == (1, 2, 3)
    assert bench.calls.fault is None


def test_progress_never_falls_when_a_call_is_taken_again(bench: Bench) -> None:
    good, bad = bench.ask(seed=1), bench.ask(seed=2, prompt="turns bad")

    def turn(step: int) -> None:
        if step == 2:
            bench.fake.spoilt = frozenset({"turns bad"})

    bench.fake.between = turn
    bench.run()
    assert good.steps == [1, 2, 3, 4]
    assert isinstance(good.end, Drawn)
    assert isinstance(bad.end, StageError)


def test_an_error_of_ours_is_answered_as_it_is(bench: Bench) -> None:
    bench.fake.spoilt, bench.fake.spoil = frozenset({"poison"}), StageError("the model lost the picture", "seed")
    caller = bench.ask(prompt="poison")
    bench.run()
    assert caller.end is bench.fake.spoil
    assert bench.calls.fault is None


def test_too_little_memory_names_the_size(bench: Bench) -> None:
    bench.fake.spoilt, bench.fake.spoil = frozenset({"poison"}), MemoryError()
    caller = bench.ask(prompt="poison")
    bench.run()
    assert f"not enough memory for {SIDE}x{SIDE}" in str(caller.end)


def test_a_device_that_no_longer_draws_is_a_fault(bench: Bench) -> None:
    bench.fake.spoilt = frozenset({"poison", "probe"})
    bench.ask(prompt="poison")
    bench.run()
    assert bench.calls.fault == "the device no longer draws: ZeroDivisionError"


def test_what_cannot_be_drawn_is_refused_on_arrival(bench: Bench) -> None:
    caller = bench.ask(width=SIDE + 1)
    assert isinstance(caller.end, StageError)
    assert caller.end.field == "size"
    assert bench.calls.idle


def test_a_deadline_that_cannot_be_met_is_refused_before_it_passes(bench: Bench) -> None:
    bench.ask(seed=1, num_inference_steps=50)
    hurried = bench.ask(seed=2, num_inference_steps=3, deadline_seconds=4.0)
    patient = bench.ask(seed=3, num_inference_steps=3, deadline_seconds=500.0)
    bench.run()
    assert isinstance(hurried.end, DeadlineMissed)
    assert hurried.steps == []
    assert isinstance(patient.end, Drawn)
    assert bench.metrics.total("atelier_engine_shed_requests_total") == 1


def test_who_arrives_during_a_call_is_told_within_a_step_that_it_is_too_long(bench: Bench) -> None:
    late: list[Listener] = []
    bench.ask(seed=1, num_inference_steps=50)
    bench.fake.between = lambda step: late.append(bench.ask(seed=2, deadline_seconds=20)) if step == 5 else None
    seen: list[int] = []

    def look() -> bool:
        if late and late[0].told and not seen:
            seen.append(bench.fake.steps_taken[0])
        return True

    bench.run(look)
    assert isinstance(late[0].end, DeadlineMissed)
    assert seen == [6]


def test_a_call_that_turns_out_slow_ends_at_its_deadline(bench: Bench) -> None:
    caller = bench.ask(num_inference_steps=10, deadline_seconds=15)
    bench.fake.step_seconds = 5.0
    bench.run()
    assert isinstance(caller.end, DeadlineMissed)
    assert bench.fake.steps_taken[0] < 4


def test_the_backlog_counts_the_call_under_way(bench: Bench) -> None:
    bench.ask(seed=1)
    seen: list[float] = []
    bench.fake.between = lambda step: seen.append(bench.calls.backlog_seconds)
    assert bench.calls.backlog_seconds == pytest.approx(6.0)
    bench.run()
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == pytest.approx(6.0)
    assert bench.calls.backlog_seconds == 0


def test_predictions_are_calibrated(bench: Bench) -> None:
    for seed in range(3):
        bench.ask(seed=seed)
    bench.run()
    calibration = bench.calls._forecast.costs.curve.calibration()
    assert calibration is not None
    assert calibration.finished == 3
    assert calibration.error_p90 < 0.3


def test_abandoning_answers_everyone(bench: Bench) -> None:
    callers = [bench.ask(seed=seed) for seed in (1, 2)]
    bench.calls.take(lambda: False)
    assert bench.fake.steps_taken == []
    bench.calls.abandon(StageUnavailable("closing"))
    assert all(isinstance(caller.end, StageUnavailable) for caller in callers)
    assert all(lease.released == 1 for lease in bench.adapters.leases)


def test_whatever_a_request_raises_on_arrival_is_its_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.fake, "work", lambda _: 1 / 0)
    end = bench.ask().end
    assert isinstance(end, AtelierError)
    assert "ZeroDivisionError" in str(end)

"""The scheduler's promises, on any cost curve: nobody is mixed who must not be, nobody starves, sharing never loses."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.engine.curve import CostCurve
from deployments.engine.prices import WORTH
from deployments.engine.scheduler import AGEING, Candidate, Scheduler
from tests.short_form import examples

MAX_ROWS = 4
# Quarters, so that sums are exact and ties are ties.
CURVES = st.lists(st.integers(0, 6), min_size=MAX_ROWS - 1, max_size=MAX_ROWS - 1).map(
    lambda more: [quarters / 4 for quarters in accumulate([4, *more])]
)
FLAT = [1.0, 1.0, 1.0, 1.0]
SATURATED = [1.0, 2.0, 3.0, 4.0]


def canvas(buckets: Sequence[Hashable]) -> Hashable | None:
    """`a` and `b` share a canvas, the larger `b`; `c` shares with none."""
    distinct = set(buckets)
    return next(iter(distinct)) if len(distinct) == 1 else ("b" if distinct == {"a", "b"} else None)


def scheduler(seconds: Sequence[float], max_rows: int = MAX_ROWS) -> Scheduler:
    curve = CostCurve()
    for bucket in "abc":
        for rows, cost in enumerate(seconds, start=1):
            curve.observe(bucket, rows, cost)
    return Scheduler(curve, canvas, max_rows)


def alike(steps: Sequence[int], rows: int = 1) -> list[Candidate]:
    return [Candidate(key, "a", rows, remaining, 0.0) for key, remaining in enumerate(steps)]


@dataclass(frozen=True)
class Arrival:
    key: int
    at: float
    steps: int


def play(seconds: Sequence[float], arrivals: Sequence[Arrival]) -> Iterator[tuple[float, tuple[int, ...], list[int]]]:
    """Every tick: when it ends, who stepped, and who is done by it."""
    chosen, clock = scheduler(seconds), 0.0
    coming, left, since = sorted(arrivals, key=lambda one: one.at), dict[int, int](), dict[int, float]()
    while coming or left:
        if not left:
            clock = max(clock, coming[0].at)
        while coming and coming[0].at <= clock:
            new = coming.pop(0)
            left[new.key], since[new.key] = new.steps, new.at
        picked = chosen.pick([Candidate(key, "a", 1, steps, clock - since[key]) for key, steps in left.items()])
        clock += seconds[len(picked) - 1]
        for key in picked:
            left[key] -= 1
        done = [key for key in picked if not left[key]]
        left = {key: steps for key, steps in left.items() if steps}
        yield clock, picked, done


def landings(seconds: Sequence[float], arrivals: Sequence[Arrival]) -> dict[int, float]:
    return {key: clock for clock, _, done in play(seconds, arrivals) for key in done}


GROUPS = st.sampled_from([None, "x", "y"])
CANDIDATES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(1, 6), st.integers(1, 50), st.floats(0, 100), GROUPS),
    min_size=1,
    max_size=20,
)


@given(CURVES, CANDIDATES)
def test_who_steps_together_may_step_together(
    seconds: list[float], drawn: list[tuple[str, int, int, float, str | None]]
) -> None:
    known = {
        key: Candidate(key, bucket, rows, steps, waited, group=group)
        for key, (bucket, rows, steps, waited, group) in enumerate(drawn)
    }
    picked = [known[key] for key in scheduler(seconds).pick(list(known.values()))]
    assert picked
    assert len({one.key for one in picked}) == len(picked)
    assert len({one.group for one in picked}) == 1
    assert canvas([one.bucket for one in picked]) is not None
    assert len(picked) == 1 or sum(one.rows for one in picked) <= MAX_ROWS


@given(st.lists(st.tuples(st.integers(0, 20), st.just(7)), min_size=1, max_size=12))
def test_on_a_saturated_device_equal_requests_run_to_completion_in_order(drawn: list[tuple[int, int]]) -> None:
    at = list(accumulate(gap for gap, _ in drawn))
    ticks = list(play(SATURATED, [Arrival(key, at[key], 7) for key in range(len(at))]))
    assert [picked for _, picked, _ in ticks] == [(key,) for key in range(len(at)) for _ in range(7)]


@given(CURVES, st.integers(1, 8))
def test_a_batch_is_the_best_for_twice_as_many_that_does_not_hurt_those_present(
    seconds: list[float], count: int
) -> None:
    widths = [n for n in range(1, MAX_ROWS + 1) if n == 1 or n >= WORTH * seconds[n - 1]]

    def least(left: int) -> float:
        return min((waits(n, left) for n in widths if n <= left), default=0.0)

    def waits(width: int, left: int) -> float:
        return left * seconds[width - 1] + least(left - width)

    def in_turn(number: int) -> float:
        return number * (number + 1) / 2 * seconds[0]

    fair = [n for n in widths if n <= count and count * seconds[n - 1] + in_turn(count - n) <= in_turn(count) + 1e-9]
    picked = len(scheduler(seconds).pick(alike([9] * count)))
    assert picked in fair
    assert waits(picked, 2 * count) == pytest.approx(min(waits(n, 2 * count) for n in fair))


@given(CURVES, st.integers(1, 8), st.integers(1, 5))
def test_equal_requests_never_wait_longer_in_sum_than_one_at_a_time(
    seconds: list[float], count: int, steps: int
) -> None:
    done = landings(seconds, [Arrival(key, 0.0, steps) for key in range(count)])
    assert sum(done.values()) <= steps * count * (count + 1) / 2 * seconds[0] * (1 + 1e-9)


@given(CURVES, st.integers(1, 36))
def test_a_short_request_behind_a_much_longer_one_waits_at_most_one_tick(seconds: list[float], taken: int) -> None:
    ticks = play(seconds, [Arrival(0, 0.0, 50), Arrival(1, taken * seconds[0] - 0.5, 4)])
    own = [picked for clock, picked, _ in ticks if clock > taken * seconds[0]][:4]
    assert all(1 in picked for picked in own)


@settings(max_examples=examples(60))
@given(CURVES, st.lists(st.tuples(st.integers(0, 8), st.integers(1, 12)), min_size=1, max_size=120), st.integers(1, 15))
def test_nobody_starves(seconds: list[float], drawn: list[tuple[int, int]], patient: int) -> None:
    """The bound: all who arrive within `work / AGEING` could come first, each of their steps in a call of its own."""
    at = list(accumulate(gap for gap, _ in drawn))
    crowd = [Arrival(key, at[key - 1], drawn[key - 1][1]) for key in range(1, len(drawn) + 1)]
    alone = patient * seconds[0]
    before = sum(one.steps for one in crowd if one.at <= alone / AGEING)
    landed = landings(seconds, [Arrival(0, 0.0, patient), *crowd])[0]
    assert landed <= (patient + before) * max(seconds) + 1e-6


def test_an_endless_stream_of_short_requests_does_not_hold_up_a_long_one() -> None:
    stream = [Arrival(key, 2.0 * key, 2) for key in range(1, 1000)]
    landed = landings(SATURATED, [Arrival(0, 0.0, 20), *stream])
    assert landed[0] <= 20 + 20 / AGEING
    assert sum(clock <= landed[0] for clock in landed.values()) > 30


@pytest.mark.parametrize(("rows", "together"), [(1, 4), (2, 2), (3, 1), (6, 1)])
def test_where_rows_are_free_a_call_is_as_full_as_it_may_be(rows: int, together: int) -> None:
    assert scheduler(FLAT).pick(alike([9] * 6, rows)) == tuple(range(together))


def test_a_batch_looks_past_a_width_that_does_not_pay() -> None:
    assert scheduler([1.0, 1.9, 2.0, 2.1]).pick(alike([9] * 8)) == (0, 1, 2, 3)


def test_a_guest_from_another_bucket_joins_where_he_is_cheap() -> None:
    mixed = [Candidate(0, "b", 1, 9, 0.0), Candidate(1, "a", 1, 9, 0.0), Candidate(2, "c", 1, 9, 0.0)]
    assert scheduler(FLAT).pick(mixed) == (0, 1)
    assert scheduler(SATURATED).pick(mixed) == (0,)


STEPS = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@given(CURVES, STEPS)
def test_predictions_are_what_happens_if_nobody_else_arrives(seconds: list[float], steps: list[int]) -> None:
    *others, newcomer = alike(steps)
    done = landings(seconds, [Arrival(key, 0.0, remaining) for key, remaining in enumerate(steps)])
    assert scheduler(seconds).predict(others, newcomer) == pytest.approx(done[newcomer.key])


@given(CURVES, STEPS)
def test_the_backlog_is_between_the_longest_request_and_all_one_by_one(seconds: list[float], steps: list[int]) -> None:
    backlog = scheduler(seconds).backlog_seconds(alike(steps))
    assert max(steps) * seconds[0] <= backlog <= sum(steps) * seconds[0]
    assert scheduler(SATURATED).backlog_seconds(alike(steps)) == pytest.approx(sum(steps))


@given(CURVES, st.lists(st.tuples(st.integers(1, 30), st.none() | st.integers(0, 200)), max_size=12))
def test_who_is_let_go_has_a_deadline_and_who_stays_meets_it(
    seconds: list[float], drawn: list[tuple[int, int | None]]
) -> None:
    line = [Candidate(key, "a", 1, steps, 0.0, deadline) for key, (steps, deadline) in enumerate(drawn)]
    now, chosen = 10.0, scheduler(seconds)
    gone = set(chosen.late(line, now))
    assert all(one.deadline is not None for one in line if one.key in gone)
    if seconds == SATURATED or not gone:
        staying = [one for one in line if one.key not in gone]
        assert all(chosen.feasible([other for other in staying if other is not one], one, now) for one in staying)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(1, 200))
def test_on_a_saturated_device_only_so_many_are_let_go_that_the_rest_fit(steps: list[int], deadline: int) -> None:
    line = [Candidate(key, "a", 1, remaining, 0.0, deadline) for key, remaining in enumerate(steps)]
    fitting = sum(total <= deadline for total in accumulate(sorted(steps)))
    assert len(scheduler(SATURATED).late(line, 0.0)) == len(steps) - fitting


def test_far_more_than_can_be_foreseen_in_detail_is_still_answered() -> None:
    line = alike([3, 9, 27] * 300)
    chosen = scheduler(SATURATED)
    assert chosen.predict(line[:-1], line[-1]) == pytest.approx(sum(one.remaining for one in line))
    assert chosen.predict(line, Candidate(10**6, "a", 1, 1, 0.0)) == pytest.approx(1.0)


def test_nobody_waiting_means_nothing_to_do() -> None:
    idle = scheduler(FLAT)
    assert (idle.pick([]), idle.late([], 0.0), idle.backlog_seconds([])) == ((), (), 0)


def test_before_anything_was_measured_requests_go_one_at_a_time_and_none_is_refused() -> None:
    blind = Scheduler(CostCurve(), canvas, MAX_ROWS)
    line = [Candidate(0, "a", 1, 5, 0.0, deadline=1.0), Candidate(1, "a", 1, 3, 0.0, deadline=1.0)]
    assert blind.pick(line) == (0,)
    assert blind.late(line, 0.0) == ()
    assert blind.feasible(line[:1], line[1], 0.0)


@pytest.mark.parametrize("seconds", [FLAT, SATURATED])
def test_who_has_patience_lets_others_go_first_but_not_for_ever(seconds: Sequence[float]) -> None:
    chosen = scheduler(seconds, max_rows=1)
    patient = Candidate(0, "a", 1, 4, waited=30.0, patience=60.0)
    assert chosen.order([patient, Candidate(1, "a", 1, 4, waited=0.0)]) == (1, 0)
    waited_long = Candidate(0, "a", 1, 4, waited=61.0, patience=60.0)
    assert chosen.order([waited_long, Candidate(1, "a", 1, 4, waited=0.0)]) == (0, 1)
    others = [Candidate(key, "a", 1, 4, waited=5.0, patience=60.0) for key in range(1, 9)]
    assert chosen.predict(others, Candidate(9, "a", 1, 4, waited=0.0)) == 4.0

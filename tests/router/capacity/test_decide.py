"""What is decided, and with which reason: each rule by an example."""

from __future__ import annotations

from dataclasses import replace

import pytest

from configs.capacity import Forecast, Warm
from router.capacity.decide import decide
from router.capacity.decision import Decision, Memory, Reason
from router.capacity.policy import Policy
from router.capacity.world import DeploymentState, KindState, Source, World
from tests.router.capacity.worlds import A100, GB, MONDAY, POLICY, T4, busy, deployment, world


def decided(*deployments: DeploymentState, policy: Policy = POLICY, **known: object) -> Decision:
    return decide(world(*deployments, **known), policy).decisions[0]  # type: ignore[arg-type]


def test_the_first_waiting_job_wakes_a_deployment_that_has_nothing() -> None:
    told = decided(busy())
    assert (told.desired, told.reason, told.kind, told.direction) == (1, Reason.WAKE, "t4", "up")


def test_nothing_to_do_and_nothing_there_stays_so() -> None:
    assert decided(deployment()).reason is Reason.ENOUGH


def test_a_queue_that_is_done_in_time_asks_for_nothing() -> None:
    assert decided(busy(seconds=25, running=1)) == Decision("flux", 1, 1, Reason.ENOUGH, "t4", 1)


def test_a_replica_that_would_come_after_the_queue_has_drained_is_not_started() -> None:
    """Nodes take 100 s: a wait of 60 s is over sooner, though the SLO is 30 s."""
    one_there = replace(T4, there=1)
    assert decided(busy(seconds=60, running=1), kinds=(one_there,)).desired == 1
    assert decided(busy(seconds=60, running=1), kinds=(replace(T4, there=2),)).reason is Reason.BACKLOG


def test_a_long_queue_asks_for_as_many_as_do_it_in_time_with_their_start_counted() -> None:
    told = decided(busy(seconds=100, running=1, bytes=3 * GB), kinds=(replace(T4, there=4),))
    assert told == Decision("flux", 1, 5, Reason.BACKLOG, "t4", 5), "1 x 30 + 4 x (30 - 10) are 110 s"


def test_replicas_that_start_are_counted_when_they_come() -> None:
    without = decided(busy(seconds=400, running=1), kinds=(replace(T4, there=4),))
    coming = decided(busy(seconds=400, running=1, starting=(5.0, 5.0, 5.0)), kinds=(replace(T4, there=4),))
    assert without.desired == 4
    assert coming.desired == 4
    assert coming.direction == "stay"


def test_no_more_than_there_can_be_requests_at_a_time() -> None:
    assert decided(busy(seconds=900, running=1, at_once=1)).desired == 1
    assert decided(busy(seconds=900, running=0, at_once=2)).desired == 2


def test_who_waits_longer_than_anybody_should_gets_one_more_though_figures_say_enough() -> None:
    slow_to_come = busy(seconds=50, running=1, start_seconds=40, bytes=0)
    assert decided(slow_to_come).reason is Reason.ENOUGH
    told = decided(replace(slow_to_come, oldest_wait_seconds=31))
    assert (told.desired, told.reason) == (2, Reason.SLO)


def test_predictions_are_corrected_by_what_work_has_taken_within_bounds() -> None:
    there = (replace(T4, there=4),)
    assert decided(busy(seconds=25, running=1, correction=2.0), kinds=there).reason is Reason.BACKLOG
    assert decided(busy(seconds=25, running=1, correction=50.0), kinds=there).desired == 2
    assert decided(busy(seconds=100, running=1, correction=0.01), kinds=there).desired < 5


def test_without_work_a_replica_stays_for_a_while_and_then_goes() -> None:
    first = decide(world(deployment(running=2)), POLICY)
    assert first.of("flux").reason is Reason.KEEP_ALIVE
    later = decide(world(deployment(running=2), now=MONDAY + 299), POLICY, first.memory)
    assert later.of("flux").desired == 2
    last = decide(world(deployment(running=2), now=MONDAY + 300), POLICY, later.memory)
    assert (last.of("flux").desired, last.of("flux").reason) == (0, Reason.IDLE)


def test_work_in_between_begins_the_keep_alive_anew() -> None:
    memory = decide(world(deployment(running=1)), POLICY).memory
    memory = decide(world(busy(running=1), now=MONDAY + 200), POLICY, memory).memory
    assert decide(world(deployment(running=1), now=MONDAY + 310), POLICY, memory).of("flux").desired == 1


def test_with_work_those_too_many_go_one_at_a_time() -> None:
    light, memory = busy(seconds=5, running=4), Memory()
    counts = []
    for seconds in (0, 300, 302, 600):
        outcome = decide(world(light, now=MONDAY + seconds), POLICY, memory)
        memory, light = outcome.memory, replace(light, running=outcome.of("flux").desired)
        counts.append(light.running)
    assert counts == [4, 3, 3, 2]


def test_nothing_goes_while_something_starts() -> None:
    memory = Memory(idle_since={"flux": 0.0}, surplus_since={"flux": 0.0})
    told = decide(world(deployment(running=1, starting=(5.0,))), POLICY, memory).of("flux")
    assert (told.desired, told.reason) == (2, Reason.HOLD_PENDING)


@pytest.mark.parametrize(
    ("worth", "price", "seconds"), [(0.0, 0.5, 110.0), (1.0, 0.5, 330.0), (1000.0, 0.5, 3600.0), (0.0, 0.0, 3600.0)]
)
def test_break_even_stays_as_long_as_a_start_takes_weighed_by_who_waits(
    worth: float, price: float, seconds: float
) -> None:
    policy = POLICY.model_copy(update={"keep_alive_seconds": "break-even", "waiting_cost_per_hour": worth})
    kinds = (replace(T4, price=price),)
    memory = decide(world(deployment(running=1), kinds=kinds), policy).memory
    before = decide(world(deployment(running=1), kinds=kinds, now=MONDAY + seconds - 1), policy, memory)
    after = decide(world(deployment(running=1), kinds=kinds, now=MONDAY + seconds + 1), policy, memory)
    assert (before.of("flux").desired, after.of("flux").desired) == (1, 0)


def test_at_scheduled_hours_replicas_are_there_before_anybody_comes() -> None:
    warm = (Warm.model_validate({"schedule": "Mon-Fri 9-18", "replicas": 2}),)
    policy = POLICY.model_copy(update={"warm": warm, "time_zone": "Europe/Berlin"})
    at_eight_utc = decide(world(deployment(), now=MONDAY + 8 * 3600), policy).of("flux")
    assert (at_eight_utc.desired, at_eight_utc.reason) == (2, Reason.SCHEDULE)
    assert decide(world(deployment(), now=MONDAY + 7 * 3600), policy).of("flux").desired == 0
    others = POLICY.model_copy(update={"warm": (warm[0].model_copy(update={"deployments": ("sdxl",)}),)})
    assert decide(world(deployment(), now=MONDAY + 9 * 3600), others).of("flux").desired == 0


def test_a_forecast_is_a_floor_where_it_is_switched_on_and_there_is_enough_to_foresee() -> None:
    on = POLICY.model_copy(update={"forecast": Forecast()})
    foreseen = deployment(foreseen=1.0, foreseen_jobs_per_hour=60)
    assert decided(foreseen, policy=on) == Decision("flux", 0, 2, Reason.FORECAST, "t4", 2)
    assert decided(foreseen).desired == 0
    assert decided(replace(foreseen, foreseen_jobs_per_hour=5), policy=on).desired == 0


@pytest.mark.parametrize("source", [Source.JOBS, Source.REPLICAS])
def test_what_is_known_too_long_ago_changes_nothing(source: Source) -> None:
    for state in (deployment(running=3), busy(seconds=9000, running=1), busy()):
        told = decide(World(MONDAY, (state,), (T4,), {source: 31.0}), POLICY, Memory({"flux": 0.0}, {"flux": 0.0}))
        assert (told.of("flux").desired, told.of("flux").reason) == (state.running, Reason.HOLD_STALE)


def test_a_prometheus_that_is_away_keeps_nothing_from_being_decided() -> None:
    told = decide(World(MONDAY, (busy(),), (T4,), {Source.JOBS: 1.0, Source.PROMETHEUS: 9999.0}), POLICY)
    assert told.of("flux").reason is Reason.WAKE


def test_gpus_are_shared_out_and_who_has_none_comes_first() -> None:
    one = replace(A100, most=1)
    many = busy("many", seconds=900, running=3, kinds=("a100",), bytes=20 * GB, oldest_wait_seconds=500)
    first = busy("first", kinds=("a100",), bytes=20 * GB)
    told = decide(world(many, first, kinds=(replace(one, there=1),)), POLICY)
    assert told.of("first").desired == 1
    assert told.of("many").desired == 3
    assert told.of("many").reason is Reason.BUDGET
    assert told.of("many").wanted > 3


def test_a_replica_without_work_makes_room_for_who_waits() -> None:
    kinds = (replace(T4, there=1, most=1),)
    told = decide(world(busy("waits"), deployment("rests", running=1), kinds=kinds), POLICY)
    assert told.of("waits").desired == 1
    assert told.of("rests") == Decision("rests", 1, 0, Reason.BUDGET, "t4", 1)


def test_one_that_always_runs_makes_no_room() -> None:
    kinds = (replace(T4, there=1, most=1),)
    told = decide(world(busy("waits"), deployment("rests", running=1, least=1), kinds=kinds), POLICY)
    assert told.of("waits").reason is Reason.BUDGET
    assert told.of("rests").desired == 1


def test_who_has_several_gives_one_to_who_has_none() -> None:
    kinds = (replace(T4, there=2, most=2),)
    told = decide(world(busy("waits"), busy("many", seconds=500, running=2), kinds=kinds), POLICY)
    assert (told.of("waits").desired, told.of("many").desired) == (1, 1)


def test_several_models_share_one_gpu_by_their_bytes() -> None:
    kinds = (replace(A100, there=1, most=1),)
    three = [busy(name, kinds=("a100",), bytes=25 * GB) for name in "abcd"]
    told = decide(world(*three, kinds=kinds), POLICY)
    assert sorted(one.desired for one in told.decisions) == [0, 1, 1, 1]


def test_no_node_is_asked_for_that_there_is_no_money_for() -> None:
    policy = POLICY.model_copy(update={"budget_per_hour": 0.9})
    told = decided(busy(seconds=9000), policy=policy)
    assert (told.desired, told.reason) == (1, Reason.BUDGET)


def test_the_cheapest_kind_that_draws_in_time_is_chosen() -> None:
    slow = busy(kinds=("t4", "a100"), seconds_per_job=200)
    assert decided(slow, kinds=(T4, A100)).kind == "a100"
    assert decided(replace(slow, seconds_per_job=10), kinds=(T4, A100)).kind == "a100"  # 10 x 0.5 > 1 x 4
    cheap = replace(T4, price=0.1)
    assert decided(replace(slow, seconds_per_job=10), kinds=(cheap, A100)).kind == "t4"


def test_a_gpu_that_is_there_comes_before_a_node_that_has_to_be_asked_for() -> None:
    cheap = replace(T4, price=0.01)
    assert decided(busy(kinds=("t4", "a100")), kinds=(cheap, replace(A100, there=1))).kind == "a100"


def late(kind: KindState, seconds: float) -> KindState:
    return replace(kind, pending=1, pending_seconds=seconds)


def test_a_kind_whose_nodes_do_not_come_is_asked_for_no_more_and_the_next_is_tried() -> None:
    starting = busy(kinds=("t4", "a100"), starting=(0.0,), places=("t4",))
    assert decided(starting, kinds=(late(T4, 299), A100)).direction == "stay"
    outcome = decide(world(starting, kinds=(late(T4, 301), A100)), POLICY)
    assert (outcome.of("flux").desired, outcome.of("flux").kind) == (1, "a100")
    assert outcome.memory.exhausted_until == {"t4": MONDAY + 600}


def test_where_there_is_no_other_kind_it_is_said_and_what_was_asked_for_may_still_come() -> None:
    told = decided(busy(seconds=500, starting=(0.0,)), kinds=(late(T4, 301),))
    assert (told.desired, told.reason) == (1, Reason.EXHAUSTED)


def test_an_exhausted_kind_is_asked_again_after_a_while() -> None:
    memory = Memory(exhausted_until={"t4": MONDAY + 10})
    assert decide(world(busy()), POLICY, memory).of("flux").reason is Reason.EXHAUSTED
    assert decide(world(busy(), now=MONDAY + 11), POLICY, memory).of("flux").reason is Reason.WAKE


def test_what_runs_without_a_gpu_needs_no_kind() -> None:
    told = decided(busy(bytes=0, kinds=()), kinds=())
    assert (told.desired, told.kind) == (1, None)


def test_a_replica_of_several_gpus_takes_empty_ones_of_one_node() -> None:
    pair = replace(A100, gpus_per_node=2, most=4)
    large = busy(kinds=("a100",), bytes=80 * GB, gpus=2, seconds=9000)
    assert decided(large, kinds=(pair,)).desired == 2

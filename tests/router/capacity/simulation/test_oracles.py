"""What a simulation must be right about, since mathematics or bookkeeping says it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from configs.capacity import CapacityPolicy
from router.capacity.simulation.loop import run
from router.capacity.simulation.records import Record, Use
from router.capacity.simulation.scaling import each_alone, fixed, planned
from router.capacity.simulation.sessions import Crowd, imagine
from router.capacity.simulation.setting import Hazards
from router.capacity.simulation.trace import Trace
from tests.router.capacity.simulation.settings import jobs_at, kind, poisson, route, setting, shared

pytestmark = pytest.mark.slow

NEVER = 1e12
DAY = imagine(Crowd(400, {"a": 0.6, "b": 0.3, "c": 0.07, "d": 0.03}, dict.fromkeys("abcd", 20.0)), 1, seed=4)
POLICY = CapacityPolicy(slo_seconds=30, keep_alive_seconds=300.0)


def always(trace: Trace, servers: int) -> Record:
    """So many replicas, each with its model loaded, that nobody decides over."""
    group = shared(least=servers, most=servers)
    machines = kind(servers, always=servers)
    return run(trace, setting(group, machines, tick=NEVER), fixed(lambda _: servers), route, 30)


def under_policy(trace: Trace, hazards: Hazards | None = None, seed: int = 0) -> Record:
    group = shared("abcd")
    return run(trace, setting(group, hazards=hazards), planned(POLICY), route, 30, seed)


def erlang_c(servers: int, load: float) -> float:
    """The share of jobs that wait, of Poisson arrivals that bring `load` servers' work."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) / (1 - load / servers)
    return last / (sum(terms) + last)


def check_erlang(jobs: int, within: float) -> None:
    servers, rate, mean = 3, 0.2, 10.0
    record = always(poisson(jobs, rate, mean), servers)
    waiting = erlang_c(servers, rate * mean)
    assert sum(wait > 0 for wait in record.waits) / jobs == pytest.approx(waiting, rel=within)
    assert sum(record.waits) / jobs == pytest.approx(waiting / (servers / mean - rate), rel=within * 2)


def test_waits_at_servers_that_always_run_are_those_of_erlangs_formula() -> None:
    check_erlang(20_000, within=0.05)


@pytest.mark.long
def test_waits_are_those_of_erlangs_formula_within_two_per_cent() -> None:
    check_erlang(1_000_000, within=0.02)


def test_no_job_is_lost_whatever_happens_to_machines() -> None:
    hazards = Hazards(start_spread=0.5, lost=0.2, deaths_per_hour=4.0)
    record = under_policy(DAY, hazards)
    assert record.nodes_lost > 0
    assert record.redone > 0
    assert len(record.waits) + record.unfinished == record.arrived == len(DAY.arrivals)


def test_what_is_done_is_never_more_than_what_is_paid() -> None:
    for hazards in (None, Hazards(deaths_per_hour=0.5)):
        record = under_policy(DAY, hazards)
        done = sum(record.gpu_seconds[use] for use in (Use.DRAW, Use.LOAD, Use.START))
        assert 0 < done <= sum(record.paid.values())
        assert record.dollars == pytest.approx(sum(record.paid.values()) / 3600 * 2.0)


def test_drawing_takes_what_the_jobs_take() -> None:
    record = under_policy(DAY)
    assert record.gpu_seconds[Use.DRAW] == pytest.approx(DAY.work)


def test_more_machines_are_never_worse() -> None:
    attained = [always(poisson(3000, 0.15, 10.0), servers).attained(30) for servers in (2, 3, 4)]
    assert attained == sorted(attained)
    assert attained[0] < attained[-1]


def test_replicas_that_never_go_are_as_good_as_those_that_always_ran() -> None:
    first_alone = jobs_at(0.0, *(200.0 + 7 * i for i in range(200)))
    group, machines = shared(most=1), kind(1)
    policy = CapacityPolicy(slo_seconds=30, keep_alive_seconds=NEVER)
    kept = run(first_alone, setting(group, machines), planned(policy), route, 30)
    assert [*kept.waits][1:] == pytest.approx([*always(first_alone, 1).waits][1:])
    assert kept.waits[0] == pytest.approx(60 + 10 + 20 + 2, abs=2), "a node, a process, a model, a tick"


def test_the_same_seed_leaves_the_same_record_and_another_one_another() -> None:
    hazards = Hazards(start_spread=0.5)
    assert under_policy(DAY, hazards) == under_policy(DAY, hazards)
    assert under_policy(DAY, hazards).waits != under_policy(DAY, hazards, seed=1).waits


def test_an_empty_trace_costs_nothing_where_nothing_has_to_run() -> None:
    record = under_policy(Trace.of([], 86400.0))
    assert (record.arrived, record.gpu_hours, record.attained(30)) == (0, 0.0, 1.0)


def test_where_no_machine_may_run_every_job_is_late_and_the_run_ends() -> None:
    record = run(jobs_at(1.0, 2.0), setting(machines=kind(0), tick=60.0), planned(POLICY), route, 30)
    assert (record.unfinished, record.attained(30)) == (2, 0.0)


def test_what_has_nothing_to_do_goes_and_is_not_paid_for() -> None:
    quiet = Trace.of(jobs_at(0.0).arrivals, 3600.0)
    record = run(quiet, setting(), planned(POLICY), route, 30)
    paid, needed = record.paid["t"], 60 + 10 + 20 + 10 + 300 + 30
    assert needed <= paid <= needed + 2 * 30 + 4, "start, load, draw, keep-alive, the empty node; two decisions"


def test_a_faster_kind_takes_less_time_for_the_same_work() -> None:
    group = shared(least=1, most=1)
    fast = run(DAY_OF_A, setting(group, kind(1, always=1, speed=2.0)), fixed(lambda _: 1), route, 30)
    assert fast.gpu_seconds[Use.DRAW] == pytest.approx(DAY_OF_A.work / 2)


DAY_OF_A = replace(DAY, arrivals=tuple(replace(one, model="a") for one in DAY.arrivals))


def test_one_deployment_a_model_takes_more_machines_than_models_that_share() -> None:
    alone = tuple(replace(shared(name), name=name, most=1) for name in "abcd")
    own = run(DAY, replace(setting(machines=kind(8)), groups=alone), each_alone(300), route, 30)
    together = under_policy(DAY)
    assert together.gpu_hours < own.gpu_hours

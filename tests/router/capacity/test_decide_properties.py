"""What holds of every decision, whatever the world is like."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from configs.capacity import CapacityPolicy
from router.capacity.arrange import Room
from router.capacity.decide import decide
from router.capacity.decision import Memory, Reason
from router.capacity.world import DeploymentState, KindState, Source, World
from tests.router.capacity.worlds import A100, GB, MONDAY, POLICY, T4, settle

SECONDS = st.floats(0, 5000, allow_nan=False)


@st.composite
def deployments(draw: st.DrawFn, name: str = "flux") -> DeploymentState:
    least = draw(st.integers(0, 1))
    jobs = draw(st.integers(0, 50))
    return DeploymentState(
        name,
        waiting_seconds=draw(SECONDS) if jobs else 0.0,
        waiting_jobs=jobs,
        oldest_wait_seconds=draw(SECONDS) if jobs else 0.0,
        in_hand_seconds=draw(st.sampled_from([0.0, 0.0, 5.0, 300.0])),
        at_once=draw(st.integers(0, 32)),
        arriving=draw(st.floats(0, 3)),
        correction=draw(st.floats(0.01, 10)),
        seconds_per_job=draw(st.floats(0.1, 300)),
        running=draw(st.integers(0, 3)),
        starting=tuple(draw(st.lists(st.floats(0, 200), max_size=2))),
        start_seconds=draw(st.floats(0, 200)),
        bytes=draw(st.sampled_from([0.0, 4 * GB, 12 * GB, 16 * GB])),
        kinds=draw(st.sampled_from([("t4",), ("a100",), ("t4", "a100")])),
        least=least,
        most=draw(st.integers(max(least, 1), 6)),
    )


KINDS = st.builds(
    lambda there, pending, seconds, most: (replace(T4, there=there, pending=pending, pending_seconds=seconds), most),
    st.integers(0, 3),
    st.integers(0, 1),
    SECONDS,
    st.integers(0, 2),
).map(lambda one: (one[0], replace(A100, most=one[1])))
WORLDS = st.builds(
    lambda a, b, c, kinds: World(MONDAY, (a, b, c), kinds),
    deployments("a"),
    deployments("b"),
    deployments("c"),
    KINDS,
)
MEMORIES = st.builds(
    lambda idle, surplus: Memory(dict.fromkeys("abc", MONDAY - idle), dict.fromkeys("abc", MONDAY - surplus)),
    SECONDS,
    SECONDS,
)


@given(WORLDS, MEMORIES)
def test_bounds_are_kept(world: World, memory: Memory) -> None:
    for state, told in zip(world.deployments, decide(world, POLICY, memory).decisions, strict=True):
        assert 0 <= told.desired <= state.most
        assert told.current == state.current


@given(WORLDS, MEMORIES)
def test_what_is_started_has_room_on_the_gpus_that_there_may_be(world: World, memory: Memory) -> None:
    empty = tuple(replace(state, running=0, starting=(), kinds=state.kinds[:1]) for state in world.deployments)
    outcome = decide(replace(world, deployments=empty), POLICY, memory)
    taken: Counter[str] = Counter()
    for state in empty:
        taken[state.kinds[0]] += int(state.bytes) * outcome.of(state.name).desired
    for kind in world.kinds:
        assert taken[kind.name] <= max(kind.most, kind.there + kind.pending) * kind.bytes


@given(deployments(), st.floats(0, 5000), MEMORIES)
def test_more_work_never_means_fewer_replicas(state: DeploymentState, more: float, memory: Memory) -> None:
    kinds = (replace(T4, most=20), replace(A100, most=20))
    fewer = decide(World(MONDAY, (state,), kinds), POLICY, memory).of("flux")
    busier = replace(state, waiting_seconds=state.waiting_seconds + more, waiting_jobs=state.waiting_jobs + 1)
    assert decide(World(MONDAY, (busier,), kinds), POLICY, memory).of("flux").desired >= fewer.desired


@given(
    work=SECONDS,
    arriving=st.floats(0, 4),
    running=st.integers(0, 4),
    start=st.floats(0, 120),
    at_once=st.integers(1, 20),
)
def test_a_load_that_stays_changes_nothing_more_than_once_in_a_keep_alive(
    work: float, arriving: float, running: int, start: float, at_once: int
) -> None:
    state = DeploymentState(
        "flux", work, int(work > 0), arriving=arriving, running=running, start_seconds=start, at_once=at_once, most=9
    )
    told = settle(state, ticks=400)
    counts = [running, *(one.decisions[0].desired for one in told)]
    changes = [i for i, (before, after) in enumerate(zip(counts, counts[1:], strict=False)) if before != after]
    per_keep_alive = 300 / 2
    assert all(later - earlier >= per_keep_alive - 1 for earlier, later in zip(changes[1:], changes[2:], strict=False))
    ups = [i for i in changes if counts[i + 1] > counts[i]]
    assert not ups or max(ups) <= 1, "what a constant load needs is asked for at once"


@given(WORLDS, MEMORIES, st.sampled_from([Source.JOBS, Source.REPLICAS]), st.floats(31, 1e6))
def test_stale_holds(world: World, memory: Memory, source: Source, age: float) -> None:
    told = decide(replace(world, ages={source: age}), POLICY, memory)
    for state in world.deployments:
        assert told.of(state.name).reason is Reason.HOLD_STALE
        assert told.of(state.name).desired >= state.current


@given(deployments(), MEMORIES)
def test_who_waits_for_nothing_that_runs_is_woken_in_one_tick(state: DeploymentState, memory: Memory) -> None:
    asleep = replace(state, running=0, starting=(), waiting_jobs=state.waiting_jobs + 1)
    told = decide(World(MONDAY, (asleep,), (replace(T4, most=9), replace(A100, most=9))), POLICY, memory)
    assert told.of("flux").desired >= 1


@given(WORLDS, st.floats(0, 20))
def test_no_more_is_asked_for_than_there_is_money_for(world: World, budget: float) -> None:
    policy = CapacityPolicy(slo_seconds=30, budget_per_hour=budget)
    room = Room(world.kinds, budget)
    spent = room.per_hour
    room.find(DeploymentState("x", bytes=16 * GB, kinds=("t4", "a100")), 30)
    assert room.per_hour <= max(budget, spent)
    nothing = [replace(s, running=0, starting=(), least=0) for s in world.deployments if s.bytes]
    none_there = tuple(replace(kind, there=0, pending=0) for kind in world.kinds)
    told = decide(World(MONDAY, tuple(nothing), none_there), policy)
    cheapest = min(kind.price for kind in world.kinds)
    if budget < cheapest:
        assert all(one.desired == 0 for one in told.decisions)


@given(WORLDS, MEMORIES)
def test_the_same_world_means_the_same_decision(world: World, memory: Memory) -> None:
    assert decide(world, POLICY, memory) == decide(world, POLICY, memory)


def test_kinds_are_bounded_together() -> None:
    many = tuple(
        DeploymentState(name, 900, 90, at_once=9, bytes=16 * GB, kinds=("t4",), most=9) for name in ("a", "b", "c")
    )
    told = decide(World(MONDAY, many, (KindState("t4", 16 * GB, most=4),)), POLICY)
    assert sum(one.desired for one in told.decisions) == 4
    assert {one.desired for one in told.decisions} == {1, 2}

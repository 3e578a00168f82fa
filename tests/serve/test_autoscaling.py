"""Replicas follow predicted seconds of work, and no trouble with the figures reaches Serve's controller."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ray.serve._private.common import DeploymentID, ReplicaID
from ray.serve.config import AutoscalingConfig, AutoscalingContext

from serve.autoscaling import (
    BACKLOG,
    NOTHING,
    BacklogPolicy,
    Planned,
    QueueDepthBoard,
    Waiting,
    desired_replicas,
    encode_depths,
    encode_plan,
)

GENERATOR = DeploymentID("generator-mini", "atelier")
REPLICAS = [ReplicaID(unique_id=name, deployment_id=GENERATOR) for name in "abc"]


def desired(
    backlogs: list[float],
    queued: float = 0,
    running: float = 99,
    current: int | None = None,
    waiting: Waiting = NOTHING,
) -> int:
    current = len(backlogs) if current is None else current
    return desired_replicas(backlogs, queued, running, 2.0, 10.0, current, waiting)


def context(metrics: Any, running: int = 2, queued: float = 0.0, requests: float = 20.0) -> AutoscalingContext:
    return AutoscalingContext(
        deployment_id=GENERATOR,
        deployment_name=GENERATOR.name,
        app_name=GENERATOR.app_name,
        current_num_replicas=running,
        target_num_replicas=running,
        running_replicas=REPLICAS[:running],
        total_num_requests=requests,
        total_queued_requests=queued,
        aggregated_metrics=metrics,
        raw_metrics=None,
        capacity_adjusted_min_replicas=0,
        capacity_adjusted_max_replicas=8,
        policy_state={},
        last_scale_up_time=None,
        last_scale_down_time=None,
        current_time=None,
        config=AutoscalingConfig(),
    )


def decide(metrics: Mapping[str, Mapping[ReplicaID, float]] | Any, **known: Any) -> tuple[int, dict[str, object]]:
    return policy()(context(metrics, **known))


def policy(notice: bytes | None = None, plan: bytes | None = None) -> BacklogPolicy:
    """With what was said last of work that waits, and of what was decided."""
    return BacklogPolicy(seconds_per_request=2.0, target_seconds=10.0, read=lambda _: notice, read_plan=lambda _: plan)


def planned(replicas: int, jobs: int = 1, keep_alive: float = 300.0) -> bytes:
    return encode_plan({"generator-mini": Planned(replicas, jobs, keep_alive)}, now=1.0)


def soon(decide: Callable[[], int], expected: int) -> bool:
    """Whether a decision becomes this one, once the notice has been read."""
    deadline = time.monotonic() + 60
    while decide() != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return decide() == expected


def test_the_same_number_of_requests_needs_more_replicas_when_they_are_long() -> None:
    assert desired([4.0], running=8) == 1
    assert desired([75.0], running=8) == 8


def test_work_of_all_replicas_counts_together() -> None:
    assert desired([25.0, 0.0]) == 3


def test_requests_that_have_not_reached_a_replica_count_by_their_usual_seconds() -> None:
    assert desired([10.0], queued=5) == 2


def test_one_long_request_does_not_ask_for_replicas_that_it_cannot_use() -> None:
    assert desired([120.0], running=1) == 1


def test_nothing_to_do_needs_no_replica() -> None:
    assert desired([0.0, 0.0], running=0) == 0


def test_the_last_work_keeps_its_replica() -> None:
    assert desired([0.01], running=0) == 1


def test_work_queued_for_a_deployment_at_zero_wakes_it() -> None:
    assert desired([], queued=1, running=0) == 1


def test_replicas_that_have_not_reported_yet_are_kept() -> None:
    assert desired([1.0], current=3) == 3
    assert desired([45.0], current=3) == 5


def test_work_that_waits_in_the_database_counts() -> None:
    assert desired([10.0], running=2, waiting=Waiting(seconds=30.0, requests=15, at_once=8)) == 4


def test_work_that_waits_wakes_a_deployment_at_zero() -> None:
    assert desired([], running=0, waiting=Waiting(seconds=0.5, requests=1, at_once=1)) == 1


def test_work_that_waits_asks_for_no_more_replicas_than_can_be_fed_at_a_time() -> None:
    much = Waiting(seconds=500.0, requests=250, at_once=4)
    assert desired([5.0], running=4, waiting=much) == 4
    assert desired([5.0], running=1, waiting=much) == 4
    assert desired([50.0], running=6, waiting=much) == 6


@given(
    backlogs=st.lists(st.floats(0, 1e4), max_size=8),
    queued=st.floats(0, 1e3),
    running=st.floats(0, 1e3),
    current=st.integers(0, 8),
    more=st.floats(0, 1e3),
)
def test_more_work_never_means_fewer_replicas(
    backlogs: list[float], queued: float, running: float, current: int, more: float
) -> None:
    before = desired(backlogs, queued, running, current)
    assert desired(backlogs, queued + more, running, current) >= before >= 0


def test_the_policy_reads_what_replicas_report() -> None:
    assert decide({BACKLOG: {REPLICAS[0]: 30.0, REPLICAS[1]: 5.0}}) == (4, {})


def test_a_replica_that_is_gone_no_longer_counts() -> None:
    assert decide({BACKLOG: {REPLICAS[0]: 5.0, REPLICAS[1]: 5.0, REPLICAS[2]: 300.0}}) == (1, {})


def test_before_the_first_report_the_replicas_stay_unless_the_queue_needs_more() -> None:
    assert decide({}) == (2, {})
    assert decide(None, queued=40.0, requests=60.0) == (8, {})


def unreadable() -> Any:
    raise RuntimeError("the controller has no figures")


@pytest.mark.parametrize("metrics", [unreadable, {BACKLOG: None}, {BACKLOG: {REPLICAS[0]: "much"}}, 7])
def test_trouble_keeps_the_replicas_and_never_raises(metrics: Any) -> None:
    assert decide(metrics) == (2, {})


def test_trouble_that_lasts_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    troubled = policy()
    with caplog.at_level(logging.ERROR, logger="ray.serve.atelier"):
        for _ in range(3):
            troubled(context(unreadable))
    assert [record.message for record in caplog.records] == [
        "the backlog of generator-mini cannot be read: its replicas stay as they are"
    ]


def test_what_serve_notes_in_the_state_of_a_decision_is_not_in_the_next() -> None:
    told = policy()
    told(context({}))[1]["noted"] = True
    assert told(context({}))[1] == {}


def test_the_policy_reads_what_the_front_door_says_of_its_deployment() -> None:
    waiting = Waiting(seconds=45.0, requests=20, at_once=16)
    told = policy(encode_depths({"generator-mini": waiting, "generator-other": Waiting(900.0, 100, 16)}, now=1.0))
    assert soon(lambda: told(context({BACKLOG: {REPLICAS[0]: 0.0, REPLICAS[1]: 0.0}}))[0], 5)
    assert soon(lambda: told(context({}, running=0, requests=0.0))[0], 5)


@pytest.mark.parametrize("notice", [b"{", b'{"waiting": {"generator-mini": ["much"]}}', b"[]"])
def test_a_notice_that_cannot_be_read_keeps_the_replicas_and_never_raises(notice: bytes) -> None:
    told, busy = policy(notice), {BACKLOG: {REPLICAS[0]: 90.0, REPLICAS[1]: 0.0}}
    assert desired([90.0, 0.0], running=20) == 9, "without a notice these replicas would be too few"
    assert soon(lambda: told(context(busy))[0], 2)


def test_the_last_notice_of_a_front_door_that_is_gone_counts_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    board = QueueDepthBoard(lambda: None, look_seconds=3600)
    board.pin(encode_depths({"generator-mini": Waiting(1.0, 1, 1)}, now=1.0))
    assert board.waiting("generator-mini") == Waiting(1.0, 1, 1)
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    board.pin(encode_depths({"generator-mini": Waiting(1.0, 1, 1)}, now=1.0))
    assert board.waiting("generator-mini") == NOTHING
    board.pin(encode_depths({"generator-mini": Waiting(2.0, 1, 1)}, now=2.0))
    assert board.waiting("generator-mini").seconds == 2.0


def test_a_store_that_is_away_is_logged_once_and_looked_at_again(caplog: pytest.LogCaptureFixture) -> None:
    there = encode_depths({"generator-mini": Waiting(7.0, 1, 1)}, 1.0)
    looks: Iterator[bytes | Exception] = chain([RuntimeError("away"), RuntimeError("away")], repeat(there))

    def read() -> bytes:
        look = next(looks)
        if isinstance(look, Exception):
            raise look
        return look

    with caplog.at_level(logging.ERROR, logger="ray.serve.atelier"):
        board = QueueDepthBoard(read, look_seconds=0.001)
        assert soon(lambda: round(board.waiting("generator-mini").seconds), 7)
    assert [record.message for record in caplog.records if "queue" in record.message] == [
        "what waits in the queue cannot be read: only what has left it counts"
    ]


@pytest.mark.slow
def test_the_thread_of_a_policy_that_was_replaced_ends() -> None:
    def watchers() -> int:
        gc.collect()
        return sum(thread.name == "waiting-work" for thread in threading.enumerate())

    assert soon(watchers, 0)
    told = policy()
    told(context({}))
    assert watchers() == 2, "one looks at what waits, one at what was decided"
    del told
    assert soon(watchers, 0)


def test_what_was_decided_is_followed_whatever_this_deployment_would_have_alone() -> None:
    told, busy = policy(plan=planned(3)), {BACKLOG: {REPLICAS[0]: 90.0, REPLICAS[1]: 0.0}}
    assert soon(lambda: told(context(busy))[0], 3)
    down = policy(plan=planned(1))
    assert soon(lambda: down(context(busy))[0], 1)


def test_what_was_decided_wakes_a_deployment_at_zero() -> None:
    told = policy(plan=planned(2))
    assert soon(lambda: told(context({}, running=0, requests=0.0))[0], 2)


def test_a_deployment_of_which_nothing_was_decided_follows_its_own_work() -> None:
    told = policy(plan=encode_plan({"generator-other": Planned(7)}, now=1.0))
    board = told._find_boards(context({}))[1]
    assert soon(lambda: int(board.fresh is not None), 1)
    assert told(context({BACKLOG: {REPLICAS[0]: 30.0, REPLICAS[1]: 5.0}}))[0] == 4


def test_a_replica_that_works_stays_though_the_job_table_knows_of_no_work() -> None:
    told = policy(plan=planned(0, jobs=0, keep_alive=0.0))
    busy = {BACKLOG: {REPLICAS[0]: 45.0, REPLICAS[1]: 0.0}}
    assert soon(lambda: told(context({}, running=1, requests=0.0))[0], 0)
    assert told(context(busy))[0] == 5
    assert policy(plan=planned(0, jobs=1))(context(busy, requests=3))[0] >= 1


def test_a_replica_that_worked_a_moment_ago_stays_for_its_keep_alive() -> None:
    told = policy(plan=planned(0, jobs=0, keep_alive=3600.0))
    board = told._find_boards(context({}))[1]
    assert soon(lambda: int(board.fresh is not None), 1)
    assert told(context({}, running=1, requests=0.0))[0] == 1


def test_when_nobody_decides_any_more_replicas_are_held_and_may_still_become_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = policy(plan=planned(1))
    idle = {BACKLOG: {REPLICAS[0]: 0.0, REPLICAS[1]: 0.0}}
    assert soon(lambda: told(context(idle, requests=0.0))[0], 1)
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert told(context(idle, requests=0.0))[0] == 2, "nothing to do is not what is known"
    assert told(context({BACKLOG: {REPLICAS[0]: 45.0, REPLICAS[1]: 0.0}}))[0] == 5


@pytest.mark.parametrize("notice", [b"{", b'{"planned": {"generator-mini": ["three"]}}', b"[]"])
def test_a_plan_that_cannot_be_read_keeps_the_replicas(notice: bytes) -> None:
    told = policy(plan=notice)
    assert soon(lambda: told(context({BACKLOG: {REPLICAS[0]: 90.0, REPLICAS[1]: 0.0}}))[0], 2)

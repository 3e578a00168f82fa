"""A request goes where its LoRAs are, unless that replica is much busier; else to the shorter queue of two."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from configs.schema import AppliedLora
from deployments.messages import GenerateRequest
from serve.routing import Ledger, LoraRouter, Sent, Standing, loras_of, rank

DRAW = random.Random(0)


def standing(*loras: str, seconds: float = 0.0) -> Standing:
    return Standing(frozenset(loras), seconds)


def first(wanted: set[str], *standings: Standing, ceiling: float = 5.0) -> list[int]:
    return rank(frozenset(wanted), standings, ceiling, DRAW)[0]


def test_a_replica_that_holds_the_lora_is_asked_first() -> None:
    assert first({"icons"}, standing(), standing("icons"), standing("photo")) == [1]


def test_all_that_hold_it_are_asked_together() -> None:
    assert first({"icons"}, standing("icons"), standing(), standing("icons", "photo")) == [0, 2]


def test_of_several_loras_the_replica_with_most_of_them_wins() -> None:
    assert first({"icons", "brand"}, standing("icons"), standing("icons", "brand"), standing("brand")) == [1]


def test_a_holder_up_to_the_ceiling_busier_is_still_preferred() -> None:
    assert first({"icons"}, standing("icons", seconds=5.0), standing(seconds=0.0)) == [0]


def test_a_holder_that_is_far_busier_is_passed_over() -> None:
    assert sorted(first({"icons"}, standing("icons", seconds=5.1), standing(seconds=0.0))) == [0, 1]


def test_all_replicas_may_be_busy_and_the_holder_still_wins() -> None:
    assert first({"icons"}, standing("icons", seconds=62.0), standing(seconds=60.0)) == [0]


def test_when_nobody_holds_it_two_at_random_are_asked() -> None:
    pairs = {tuple(sorted(first({"icons"}, *[standing("photo")] * 4))) for _ in range(200)}
    assert len(pairs) == 6


def test_without_loras_holders_have_no_preference() -> None:
    pairs = {tuple(sorted(first(set(), standing("icons"), standing(), standing()))) for _ in range(200)}
    assert pairs == {(0, 1), (0, 2), (1, 2)}


def test_in_the_end_everybody_is_asked() -> None:
    groups = rank(frozenset({"icons"}), [standing("icons"), *[standing()] * 3], 5.0, DRAW)
    assert (groups[0], groups[-1]) == ([0], [0, 1, 2, 3])


def test_without_replicas_there_is_nobody_to_ask() -> None:
    assert rank(frozenset({"icons"}), [], 5.0, DRAW) == []


def test_a_request_under_way_makes_its_loras_known_before_the_replica_reports_them() -> None:
    ledger = Ledger(seconds_per_request=2.0, report_seconds=4.0)
    ledger.add("a", "request-1", Sent(at=100.0, loras=frozenset({"icons"})))
    assert ledger.standing("a", {}, now=101.0) == standing("icons", seconds=2.0)


def test_a_burst_counts_until_the_report_has_it() -> None:
    ledger = Ledger(seconds_per_request=2.0, report_seconds=4.0)
    for i in range(3):
        ledger.add("a", f"request-{i}", Sent(at=100.0, loras=frozenset()))
    assert ledger.standing("a", {"backlog_seconds": 1.5}, now=101.0).seconds == 7.5
    assert ledger.standing("a", {"backlog_seconds": 6.0}, now=105.0).seconds == 6.0


def test_a_request_that_is_done_no_longer_counts() -> None:
    ledger = Ledger(seconds_per_request=2.0, report_seconds=4.0)
    ledger.add("a", "request-1", Sent(at=100.0, loras=frozenset({"icons"})))
    ledger.remove("a", "request-1")
    ledger.remove("b", "never-seen")
    assert ledger.standing("a", {}, now=100.0) == standing()


def test_a_replica_that_is_gone_is_forgotten() -> None:
    ledger = Ledger(seconds_per_request=2.0, report_seconds=4.0)
    ledger.add("a", "request-1", Sent(at=100.0, loras=frozenset({"icons"})))
    ledger.keep_only(["b"])
    assert ledger.standing("a", {}, now=100.0) == standing()


def drawing(*loras: str) -> GenerateRequest:
    return GenerateRequest("1", "a cat", "", 64, 64, 0, 4, 1.0, loras=tuple(AppliedLora(lora=one) for one in loras))


def pending(*args: Any, request: str = "1") -> Any:
    metadata = SimpleNamespace(internal_request_id=request)
    return SimpleNamespace(args=args, metadata=metadata, routing_context=SimpleNamespace(should_backoff=False))


def test_the_loras_of_a_call_are_those_of_its_request() -> None:
    assert loras_of(pending(drawing("icons", "brand"))) == {"icons", "brand"}


def test_a_call_that_draws_nothing_has_no_loras() -> None:
    assert loras_of(pending()) == loras_of(pending("x")) == frozenset()


@dataclass
class Replica:
    """What a router sees of a replica."""

    name: str
    routing_stats: dict[str, Any] = field(default_factory=dict)

    @property
    def replica_id(self) -> Any:
        return SimpleNamespace(unique_id=self.name)


@pytest.fixture
def router() -> Any:
    made: Any = LoraRouter.__new__(LoraRouter)  # Serve's own constructor needs a cluster
    made.initialize_state(ceiling_seconds=5.0, seconds_per_request=2.0, report_seconds=4.0)
    return made


def choose(router: Any, replicas: list[Replica], call: Any) -> list[list[str]]:
    groups = asyncio.run(router.choose_replicas(replicas, call))
    return [[one.name for one in group] for group in groups]


def test_the_router_reads_what_replicas_report(router: Any) -> None:
    replicas = [Replica("a"), Replica("b", {"loras": ["icons"], "backlog_seconds": 1.0}), Replica("c")]
    assert choose(router, replicas, pending(drawing("icons")))[0] == ["b"]


def test_the_router_remembers_where_it_sent_a_lora(router: Any) -> None:
    replicas = [Replica("a"), Replica("b"), Replica("c")]
    call = pending(drawing("icons"))
    router.on_request_routed(call, replicas[2].replica_id, None)
    assert choose(router, replicas, call)[0] == ["c"]
    router.on_request_completed(replicas[2].replica_id, "1")
    assert len(choose(router, replicas, call)[0]) == 2


def test_the_router_spreads_a_burst_for_one_lora(router: Any) -> None:
    replicas = [Replica("a", {"loras": ["icons"], "backlog_seconds": 0.0}), Replica("b")]
    for i in range(3):
        router.on_request_routed(pending(drawing("icons"), request=str(i)), replicas[0].replica_id, None)
    assert sorted(choose(router, replicas, pending(drawing("icons")))[0]) == ["a", "b"]


def test_a_request_that_finds_no_room_waits_before_it_asks_again(router: Any) -> None:
    call = pending(drawing())
    choose(router, [Replica("a")], call)
    assert call.routing_context.should_backoff


def test_before_any_request_the_router_still_chooses(router: Any) -> None:
    assert choose(router, [Replica("a")], None) == [["a"], ["a"]]

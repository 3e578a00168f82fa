"""A request goes where its LoRAs are, unless that replica is much busier; else to the less busy of two."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
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


def test_of_those_that_hold_it_the_least_busy_is_asked_first_and_then_the_others() -> None:
    standings = [standing("icons", seconds=3.0), standing(), standing("icons", "photo", seconds=1.0)]
    assert rank(frozenset({"icons"}), standings, 5.0, DRAW)[:2] == [[2], [0]]


def test_of_several_loras_the_replica_with_most_of_them_wins() -> None:
    assert first({"icons", "brand"}, standing("icons"), standing("icons", "brand"), standing("brand")) == [1]


def test_a_holder_up_to_the_ceiling_busier_is_still_preferred() -> None:
    assert first({"icons"}, standing("icons", seconds=5.0), standing(seconds=0.0)) == [0]


def test_a_holder_that_is_far_busier_is_passed_over() -> None:
    assert first({"icons"}, standing("icons", seconds=5.1), standing(seconds=0.0)) == [1]


def test_all_replicas_may_be_busy_and_the_holder_still_wins() -> None:
    assert first({"icons"}, standing("icons", seconds=62.0), standing(seconds=60.0)) == [0]


@pytest.mark.parametrize("wanted", [set[str](), {"icons"}])
def test_without_holders_the_less_busy_of_two_at_random_is_asked(wanted: set[str]) -> None:
    asked = [first(wanted, *[standing("photo", seconds=seconds) for seconds in (3, 1, 2)])[0] for _ in range(300)]
    assert asked.count(1) > asked.count(2) > asked.count(0) == 0


def test_equally_busy_replicas_share_what_nobody_holds() -> None:
    assert {first({"icons"}, *[standing()] * 4)[0] for _ in range(200)} == {0, 1, 2, 3}


def test_in_the_end_everybody_is_asked() -> None:
    groups = rank(frozenset({"icons"}), [standing("icons"), *[standing()] * 3], 5.0, DRAW)
    assert (groups[0], groups[-1]) == ([0], [0, 1, 2, 3])


def test_without_replicas_there_is_nobody_to_ask() -> None:
    assert rank(frozenset({"icons"}), [], 5.0, DRAW) == []


def sent(replica: str, *loras: str, there: bool = True) -> Sent:
    return Sent(replica, frozenset(loras), at=100.0, there=there)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(seconds_per_request=2.0, report_seconds=4.0)


def test_a_request_under_way_makes_its_loras_known_before_the_replica_reports_them(ledger: Ledger) -> None:
    ledger.put("1", sent("a", "icons"))
    assert ledger.standing("a", {}, now=101.0) == standing("icons", seconds=2.0)
    assert ledger.standing("b", {}, now=101.0) == standing()


def test_a_burst_counts_until_the_report_has_it(ledger: Ledger) -> None:
    for i in range(3):
        ledger.put(f"request-{i}", sent("a"))
    assert ledger.standing("a", {"backlog_seconds": 1.5}, now=101.0).seconds == 7.5
    assert ledger.standing("a", {"backlog_seconds": 6.0}, now=105.0).seconds == 6.0


def test_a_request_that_went_elsewhere_after_all_counts_there_only(ledger: Ledger) -> None:
    ledger.put("1", sent("a", "icons", there=False))
    ledger.put("1", sent("b", "icons"))
    assert ledger.standing("a", {}, now=101.0) == standing()
    assert ledger.standing("b", {}, now=101.0) == standing("icons", seconds=2.0)


def test_a_request_that_is_done_no_longer_counts(ledger: Ledger) -> None:
    ledger.put("1", sent("a", "icons"))
    ledger.remove("1")
    ledger.remove("never seen")
    assert ledger.standing("a", {}, now=100.0) == standing()


def test_a_replica_that_is_gone_is_forgotten(ledger: Ledger) -> None:
    ledger.put("1", sent("a", "icons"))
    ledger.forget(["b"], now=100.0)
    assert ledger.standing("a", {}, now=100.0) == standing()


def test_a_request_that_no_replica_took_is_forgotten_and_one_that_runs_long_is_not(ledger: Ledger) -> None:
    ledger.put("withdrawn", sent("a", "icons", there=False))
    ledger.put("long", sent("a", "photo"))
    ledger.forget(["a"], now=200.0)
    assert ledger.standing("a", {}, now=200.0) == standing("photo")


def drawing(*loras: str) -> GenerateRequest:
    return GenerateRequest("1", "a cat", "", 64, 64, 0, 4, 1.0, loras=tuple(AppliedLora(lora=one) for one in loras))


def pending(*args: Any, request: str = "1") -> Any:
    metadata = SimpleNamespace(internal_request_id=request)
    return SimpleNamespace(args=args, metadata=metadata, routing_context=SimpleNamespace(should_backoff=False))


def test_the_loras_of_a_call_are_those_of_its_request() -> None:
    assert loras_of(pending(drawing("icons", "brand"))) == {"icons", "brand"}


def test_a_lora_without_strength_need_not_be_held() -> None:
    request = replace(drawing(), loras=(AppliedLora(lora="icons", strength=0), AppliedLora(lora="brand")))
    assert loras_of(pending(request)) == {"brand"}


def added(number: int) -> AppliedLora:
    """A version of a LoRA that came while the replicas ran."""
    return AppliedLora(lora="icons", version=f"{number}.0.0", entry=f"{number:064x}")


def test_versions_of_one_lora_are_different_loras() -> None:
    request = replace(drawing(), loras=(added(1), added(2), AppliedLora(lora="icons")))
    assert loras_of(pending(request)) == {f"icons@{1:064x}", f"icons@{2:064x}", "icons"}
    assert loras_of(pending(replace(drawing(), loras=(added(1),)), "mini")) == {"mini", f"mini/icons@{1:064x}"}


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


def test_a_replica_that_holds_the_version_comes_before_one_that_holds_another(router: Any) -> None:
    held = [["icons"], [added(1).key], [added(2).key], []]
    replicas = [Replica(name, {"loras": loras}) for name, loras in zip("abcd", held, strict=True)]
    call = pending(replace(drawing(), loras=(added(2),)))
    assert choose(router, replicas, call)[0] == ["c"]


def test_the_router_remembers_where_it_sent_a_lora(router: Any) -> None:
    replicas = [Replica("a"), Replica("b"), Replica("c")]
    router.on_request_routed(pending(drawing("icons")), replicas[2].replica_id, None)
    assert choose(router, replicas, pending(drawing("icons"), request="2"))[0] == ["c"]
    router.on_request_completed(replicas[2].replica_id, "1")
    router.on_request_completed(replicas[2].replica_id, "2")
    assert {choose(router, replicas, pending(drawing("icons"), request="3"))[0][0] for _ in range(200)} > {"c"}


def test_a_burst_for_one_lora_is_spread_before_the_first_of_it_has_arrived(router: Any) -> None:
    replicas = [Replica("a", {"loras": ["icons"], "backlog_seconds": 0.0}), Replica("b")]
    choices = [choose(router, replicas, pending(drawing("icons"), request=str(i)))[0] for i in range(4)]
    assert choices == [["a"], ["a"], ["a"], ["b"]]


def test_a_burst_without_loras_is_dealt_out(router: Any) -> None:
    replicas = [Replica("a"), Replica("b")]
    choices = [choose(router, replicas, pending(drawing(), request=str(i)))[0][0] for i in range(8)]
    assert (choices.count("a"), choices.count("b")) == (4, 4)


def test_a_request_that_finds_no_room_waits_before_it_asks_again(router: Any) -> None:
    call = pending(drawing())
    choose(router, [Replica("a")], call)
    assert call.routing_context.should_backoff


def test_before_any_request_the_router_still_chooses(router: Any) -> None:
    assert choose(router, [Replica("a")], None) == [["a"], ["a"]]


def test_a_call_of_a_model_in_shared_replicas_needs_that_model_and_its_loras_there() -> None:
    assert loras_of(pending(drawing("icons"), "mini")) == {"mini", "mini/icons"}

"""The engine's metrics reach Ray's: every row of the table, with its tags, and gauges while a replica lives."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from deployments.engine.metrics import Kind, Metric, OfModel
from serve.metrics import TABLE, RayMetrics


class Board:
    """All instruments that were made, and what they were told."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.told: list[tuple[str, str, float, dict[str, str]]] = []
        self._more = threading.Condition()

    def build(self, metric: Metric) -> Told:
        self.made.append(metric.name)
        return Told(metric.name, self.tell)

    def tell(self, name: str, verb: str, value: float, tags: dict[str, str]) -> None:
        with self._more:
            self.told.append((name, verb, value, tags))
            self._more.notify_all()

    def wait_for(self, count: int) -> bool:
        with self._more:
            return self._more.wait_for(lambda: len(self.told) >= count, timeout=30)


class Told:
    """An instrument that passes on what it is told."""

    def __init__(self, name: str, tell: Callable[[str, str, float, dict[str, str]], None]) -> None:
        self._name, self._tell = name, tell

    def inc(self, value: float, tags: dict[str, str]) -> None:
        self._tell(self._name, "inc", value, tags)

    def observe(self, value: float, tags: dict[str, str]) -> None:
        self._tell(self._name, "observe", value, tags)

    def set(self, value: float, tags: dict[str, str]) -> None:
        self._tell(self._name, "set", value, tags)


def names(kind: Kind) -> list[str]:
    return [metric.name for metric in TABLE.values() if metric.kind is kind]


def test_every_row_of_the_table_can_be_reported() -> None:
    board = Board()
    metrics = RayMetrics(board.build)
    for name in names(Kind.COUNTER):
        metrics.count(name, 2, **dict.fromkeys(TABLE[name].tags, "x"))
    for name in names(Kind.HISTOGRAM):
        metrics.observe(name, 0.5, **dict.fromkeys(TABLE[name].tags, "x"))
    for name in names(Kind.GAUGE):
        metrics.gauge(name, 3, **dict.fromkeys(TABLE[name].tags, "x"))
    assert {(name, verb, value) for name, verb, value, _ in board.told} == {
        *((name, "inc", 2) for name in names(Kind.COUNTER)),
        *((name, "observe", 0.5) for name in names(Kind.HISTOGRAM)),
        *((name, "set", 3) for name in names(Kind.GAUGE)),
    }


def test_tags_are_passed_on_and_an_instrument_is_made_once() -> None:
    board = Board()
    metrics = RayMetrics(board.build)
    for lora in ("icons", "brand"):
        metrics.count("atelier_engine_lora_loads_total", model="mini", lora=lora)
    assert board.made == ["atelier_engine_lora_loads_total"]
    assert [tags for _, _, _, tags in board.told] == [
        {"model": "mini", "lora": "icons"},
        {"model": "mini", "lora": "brand"},
    ]


def test_counting_nothing_is_not_told() -> None:
    board = Board()
    RayMetrics(board.build).count("atelier_engine_slot_hits_total", 0, model="mini")
    assert board.told == []


def test_a_gauge_is_told_again_while_nothing_happens() -> None:
    board = Board()
    metrics = RayMetrics(board.build, refresh_seconds=0.01)
    metrics.gauge("atelier_engine_resident_loras", 1, model="mini")
    metrics.gauge("atelier_engine_resident_loras", 2, model="mini")
    assert board.wait_for(5)
    assert {value for _, _, value, _ in board.told[2:]} == {2}


def test_gauges_of_models_that_share_a_replica_are_told_again_apart() -> None:
    board = Board()
    metrics = RayMetrics(board.build, refresh_seconds=0.01)
    OfModel(metrics, "mini").gauge("atelier_engine_backlog_seconds", 7)
    OfModel(metrics, "flux").gauge("atelier_engine_backlog_seconds", 0)
    since = len(board.told)
    assert board.wait_for(since + 6)
    assert {(tags["model"], value) for _, _, value, tags in board.told[since:]} == {("mini", 7), ("flux", 0)}


def test_a_name_outside_the_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        RayMetrics(Board().build).count("atelier_engine_typos_total")

"""The seconds for which a replica holds its share of a GPU are told by what they were used for, and none twice."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from configs.metrics import GPU_MEMORY, GPU_SECONDS, START_SECONDS
from deployments.engine.held import HeldDevice, Holding
from deployments.engine.metrics import BACKLOG_SECONDS, DEVICE_SECONDS, OfModel, Recorded


@dataclass
class Watch:
    """A clock that goes when it is told to."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def held(told: Recorded, **uses: float) -> bool:
    """Whether exactly these seconds were told."""
    counted = {use: told.total(GPU_SECONDS, use=use) for use in ("draw", "load", "idle")}
    return counted == pytest.approx(dict.fromkeys(counted, 0.0) | uses)


def test_what_is_neither_loading_nor_drawing_is_idle_by_the_share_that_is_held() -> None:
    told, watch = Recorded(), Watch()
    model = OfModel(HeldDevice(told, Holding("generator-m", "t4", 0.5), clock=watch), "m")
    watch.now += 30
    model.observe(START_SECONDS, 20, phase="load")
    model.observe(START_SECONDS, 4, phase="warm_up")
    model.count(DEVICE_SECONDS, 2)
    model.gauge(BACKLOG_SECONDS, 0)
    assert held(told, load=12, draw=1, idle=2)
    watch.now += 10
    model.gauge(BACKLOG_SECONDS, 0)
    assert held(told, load=12, draw=1, idle=7)
    assert told.total(GPU_SECONDS, kind="t4", model="m") == pytest.approx(20)
    assert told.total(DEVICE_SECONDS) == 2, "all is passed on"


def test_two_models_of_one_replica_share_its_time() -> None:
    told, watch = Recorded(), Watch()
    device = HeldDevice(told, Holding("shared-gpu", "t4"), clock=watch)
    one, other = OfModel(device, "one"), OfModel(device, "other")
    watch.now += 10
    one.count(DEVICE_SECONDS, 3)
    other.count(DEVICE_SECONDS, 4)
    one.gauge(BACKLOG_SECONDS, 0)
    other.gauge(BACKLOG_SECONDS, 0)
    assert held(told, draw=7, idle=3)


def test_the_most_memory_that_was_used_is_told_where_there_is_a_device() -> None:
    told, watch = Recorded(), Watch()
    device = HeldDevice(told, Holding("generator-m", "t4"), used_bytes=lambda: 5e9, clock=watch)
    watch.now += 60
    OfModel(device, "m").gauge(BACKLOG_SECONDS, 1.5)
    tags = (("deployment", "generator-m"), ("what", "used"))
    assert told.gauges[GPU_MEMORY, tags] == 5e9
    assert told.last(BACKLOG_SECONDS, "m") == 1.5

"""Small settings: one kind of GPU, and models that draw on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from configs.fleet import GpuKind, Price
from configs.memory import GB
from router.capacity.simulation.setting import Group, Hazards, Held, Setting
from router.capacity.simulation.trace import Arrival, Trace
from serve.routing import Standing, rank

PRICE = Price(per_hour=2.0, source="a test", read_on=date(2026, 11, 30))


def route(model: str, standings: Sequence[tuple[frozenset[str], float]], draw: Random) -> list[list[int]]:
    """Production's."""
    return rank(frozenset({model}), [Standing(held, seconds) for held, seconds in standings], 10.0, draw)


def kind(most: int = 4, always: int = 0, start: float = 60.0, idle: float = 30.0, speed: float = 1.0) -> GpuKind:
    return GpuKind(memory_gb=24, min=always, max=most, price=PRICE, start_seconds=start, idle_seconds=idle, speed=speed)


def shared(
    models: Sequence[str] = ("a",), least: int = 0, most: int = 4, load: float = 20.0, at_once: int = 1, gb: int = 24
) -> Group:
    """All of a GPU, 8 GB a model."""
    held = {name: Held(8 * GB, load) for name in models}
    return Group("shared", held, gb * GB, ("t",), least=least, most=most, at_once=at_once, process_seconds=10.0)


def setting(
    group: Group | None = None, machines: GpuKind | None = None, hazards: Hazards | None = None, tick: float = 2.0
) -> Setting:
    return Setting(
        (group or shared(),),
        {"t": machines or kind()},
        hazards or Hazards(start_spread=0.0),
        tick_seconds=tick,
        rest_seconds=max(tick, 30.0),
    )


def poisson(jobs: int, per_second: float, mean_seconds: float, seed: int = 0) -> Trace:
    """Arrivals without memory, of exponential work: for oracles alone."""
    draw, at, found = Random(seed), 0.0, []
    for _ in range(jobs):
        at += draw.expovariate(per_second)
        found.append(Arrival(at, "a", draw.expovariate(1 / mean_seconds)))
    return Trace.of(found)


def jobs_at(*times: float, seconds: float = 10.0, model: str = "a") -> Trace:
    return Trace.of(Arrival(at, model, seconds) for at in times)

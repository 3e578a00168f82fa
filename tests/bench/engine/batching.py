"""What taking steps together is worth: throughput, latencies under random traffic, and a short request's way past a
long one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from deployments.engine.metrics import Recorded
from deployments.messages import GenerateRequest
from tests.bench.engine.models import Subject
from tests.bench.engine.traffic import EngineServer, Server, draw_in_turn, draw_together, play, poisson, worker

STEPS = (4, 8, 20)
LOAD = 0.7


def capacity(subject: Subject, rounds: int) -> float:
    """How many times as much eight requests at once are, done by the engine, as one after another."""
    requests = [replace(subject.ask, seed=seed, num_inference_steps=20) for seed in range(8)]
    alone, together = [], []
    for _ in range(rounds):
        alone.append(draw_in_turn(subject.family, requests))
        with subject.engine() as engine:
            together.append(draw_together(EngineServer(engine), requests))
    return statistics.median(alone) / statistics.median(together)


def latencies(subject: Subject, count: int, rounds: int) -> dict[str, list[float]]:
    """Seconds from arrival to picture under the same random traffic, for each way to serve; the ways take turns."""
    drafts = [replace(subject.ask, num_inference_steps=steps) for steps in STEPS * 3]
    alone = draw_in_turn(subject.family, drafts) / len(drafts)
    found: dict[str, list[float]] = {"one at a time": [], "static batches": [], "engine": []}
    for turn in range(rounds):
        arrivals = poisson(count, LOAD / alone, STEPS, subject.ask, seed=turn)
        for name, width in (("one at a time", 1), ("static batches", 8)):
            with worker(subject.family, width) as server:
                found[name] += _done(play(server, arrivals))
        with subject.engine() as engine:
            found["engine"] += _done(play(EngineServer(engine), arrivals))
    return found


def saturated(subject: Subject, rounds: int) -> float:
    """Mean latency of six equal requests at once: one at a time ÷ engine, on a model that batching does not help."""
    requests = [replace(subject.ask, seed=seed, num_inference_steps=4) for seed in range(6)]
    alone, ours = [], []
    for _ in range(rounds):
        with worker(subject.family, 1) as server:
            alone.append(_mean_latency(server, requests))
        with subject.engine() as engine:
            ours.append(_mean_latency(EngineServer(engine), requests))
    return statistics.median(alone) / statistics.median(ours)


def short_behind_long(subject: Subject, rounds: int) -> float:
    """Latency of 4 steps that arrive just after 50: run to completion ÷ engine."""
    long, short = (replace(subject.ask, seed=steps, num_inference_steps=steps) for steps in (50, 4))
    alone, ours = [], []
    for _ in range(rounds):
        with worker(subject.family, 1) as server:
            alone.append(_second(server, long, short))
        with subject.engine() as engine:
            ours.append(_second(EngineServer(engine), long, short))
    return statistics.median(alone) / statistics.median(ours)


def tick_overhead(subject: Subject, rounds: int) -> float:
    """The engine's own share of a tick with four rows, as it measured itself."""
    recorded = Recorded()
    with subject.engine(recorded) as engine:
        for turn in range(rounds):
            seeds = range(4 * turn, 4 * turn + 4)
            draw_together(
                EngineServer(engine), [replace(subject.ask, seed=seed, num_inference_steps=20) for seed in seeds]
            )
    rows = recorded.observed("atelier_engine_batch_rows")
    own = recorded.observed("atelier_engine_tick_overhead_seconds")
    steps = recorded.observed("atelier_engine_tick_seconds")
    shares = [o / (o + s) for r, o, s in zip(rows, own, steps, strict=True) if r == 4]
    return statistics.median(shares)


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(found: dict[str, list[float]], console: Console) -> None:
    for name, values in found.items():
        console.print(
            f"  {name:<15} mean {statistics.mean(values) * 1e3:7.1f} ms   p50 {quantile(values, 0.5) * 1e3:7.1f} ms"
            f"   p95 {quantile(values, 0.95) * 1e3:7.1f} ms   ({len(values)} requests)"
        )


def _done(latencies: Sequence[float | None]) -> list[float]:
    return [value for value in latencies if value is not None]


def _mean_latency(server: Server, requests: Sequence[GenerateRequest]) -> float:
    begun = time.perf_counter()
    futures = [server.submit(one) for one in requests]
    return statistics.mean(future.result() - begun for future in futures)


def _second(server: Server, first: GenerateRequest, second: GenerateRequest) -> float:
    ahead = server.submit(first)
    time.sleep(0.02)
    begun = time.perf_counter()
    seconds = server.submit(second).result() - begun
    ahead.result()
    return seconds

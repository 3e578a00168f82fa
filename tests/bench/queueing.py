"""The engine's own scheduler and cost curve on Poisson traffic, beside one at a time and static batches.

`python -m tests.bench.queueing` prints ratios. The device is simulated from published curves, with noisy ticks, so
that every policy sees the same arrivals and the whole takes seconds. Times are in steps of one row.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from math import inf

from rich.console import Console
from rich.table import Table

from deployments.engine.curve import CostCurve
from deployments.engine.scheduler import Candidate, Scheduler

MAX_ROWS = 8
BUCKET = "b"


@dataclass(frozen=True)
class Device:
    """Throughput of a call with so many rows, relative to one row."""

    name: str
    gains: dict[int, float]
    noise: float = 0.05

    def curve(self) -> CostCurve:
        """As the engine learns it on start: each point a few times."""
        curve = CostCurve()
        for rows, gain in self.gains.items():
            for _ in range(3):
                curve.observe(BUCKET, rows, rows / gain)
        return curve


# The 0.3 M model at 64 tokens on two CPU cores; Qwen-Image at 512 and 1024 pixels on one H200.
CPU_TINY = Device("CPU, tiny", {1: 1.0, 2: 1.71, 4: 2.69, 8: 4.16})
SMALL = Device("H200, 512", {1: 1.0, 2: 1.82, 3: 2.69, 4: 2.77, 8: 3.14})
SATURATED = Device("H200, 1024", {1: 1.0, 2: 1.02, 4: 1.02, 8: 1.02})


@dataclass(frozen=True)
class Job:
    key: int
    arrival: float
    steps: int
    deadline: float | None = None


@dataclass
class Served:
    """When each job was done; those never done are not in it."""

    jobs: Sequence[Job]
    done: dict[int, float] = field(default_factory=dict)

    def latencies(self) -> list[float]:
        return [self.done[job.key] - job.arrival for job in self.jobs if job.key in self.done]

    def mean(self) -> float:
        return statistics.fmean(self.latencies())

    def p95(self) -> float:
        return statistics.quantiles(self.latencies(), n=20)[-1]

    def in_time(self) -> int:
        ends = [(self.done.get(job.key, inf), job.deadline) for job in self.jobs]
        return sum(deadline is not None and end <= deadline for end, deadline in ends)


def traffic(steps: Sequence[int], load: float, seed: int, count: int, patience: float | None = None) -> list[Job]:
    """Poisson arrivals at `load` times what one at a time can do; `patience` is the deadline in mean jobs."""
    chance, now, jobs = random.Random(seed), 0.0, []
    mean = statistics.fmean(steps)
    for key in range(count):
        now += chance.expovariate(load / mean)
        jobs.append(Job(key, now, chance.choice(steps), None if patience is None else now + patience * mean))
    return jobs


class Clock:
    """Simulated time on one device."""

    def __init__(self, device: Device, seed: int) -> None:
        self.now, self._truth, self._noise, self._chance = 0.0, device.curve(), device.noise, random.Random(seed)

    def step(self, rows: int) -> float:
        """One call: moves the clock on and returns its seconds."""
        seconds = self._truth.seconds(BUCKET, rows) * self._chance.lognormvariate(0, self._noise)
        self.now += seconds
        return seconds


def one_at_a_time(jobs: Sequence[Job], device: Device, seed: int) -> Served:
    served, clock = Served(jobs), Clock(device, seed)
    for job in jobs:
        clock.now = max(clock.now, job.arrival)
        for _ in range(job.steps):
            clock.step(1)
        served.done[job.key] = clock.now
    return served


def static_batches(jobs: Sequence[Job], device: Device, seed: int) -> Served:
    """Batches as one call of a pipeline can take them: the oldest request and those waiting with as many steps."""
    served, clock, waiting = Served(jobs), Clock(device, seed), list(jobs)
    while waiting:
        clock.now = max(clock.now, waiting[0].arrival)
        arrived = takewhile(lambda job: job.arrival <= clock.now, waiting)
        batch = [job for job in arrived if job.steps == waiting[0].steps][:MAX_ROWS]
        waiting = [job for job in waiting if job not in batch]
        for _ in range(batch[0].steps):
            clock.step(len(batch))
        served.done.update((job.key, clock.now) for job in batch)
    return served


def engine(jobs: Sequence[Job], device: Device, seed: int) -> Served:
    """The real scheduler on a curve that it keeps learning; deadlines are refused or shed where the jobs have some."""
    served, clock, curve = Served(jobs), Clock(device, seed), device.curve()
    scheduler = Scheduler(curve, lambda buckets: buckets[0], MAX_ROWS)
    coming, running, left = list(reversed(jobs)), dict[int, Job](), dict[int, int]()

    def candidate(job: Job) -> Candidate:
        return Candidate(job.key, BUCKET, 1, left[job.key], clock.now - job.arrival, job.deadline)

    while coming or running:
        if not running:
            clock.now = max(clock.now, coming[-1].arrival)
        while coming and coming[-1].arrival <= clock.now:
            job = coming.pop()
            left[job.key] = job.steps
            if scheduler.feasible([candidate(other) for other in running.values()], candidate(job), clock.now):
                running[job.key] = job
        for key in scheduler.late([candidate(job) for job in running.values()], clock.now):
            del running[key]
        picked = scheduler.pick([candidate(job) for job in running.values()])
        if picked:
            curve.observe(BUCKET, len(picked), clock.step(len(picked)))
        for key in picked:
            left[key] -= 1
            if not left[key]:
                served.done[running.pop(key).key] = clock.now
    return served


@dataclass(frozen=True)
class Workload:
    device: Device
    steps: tuple[int, ...]
    load: float


WORKLOADS = (
    Workload(CPU_TINY, (4, 8, 20), 0.7),
    Workload(CPU_TINY, (4, 8, 20), 0.95),
    Workload(SMALL, (50,), 0.7),
    Workload(SMALL, (4, 28, 50), 0.7),
    Workload(SATURATED, (50,), 0.7),
    Workload(SATURATED, (50,), 0.95),
    Workload(SATURATED, (4, 28, 50), 0.7),
    Workload(SATURATED, (4, 28, 50), 0.95),
)


@dataclass(frozen=True)
class Ratio:
    """How many times sooner requests are done."""

    mean: float
    p95: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} / {self.p95:.2f}"


def ratio(slower: Sequence[Served], faster: Sequence[Served]) -> Ratio:
    """Averaged over runs of the same arrivals."""
    pairs = list(zip(slower, faster, strict=True))
    return Ratio(
        statistics.fmean(a.mean() / b.mean() for a, b in pairs), statistics.fmean(a.p95() / b.p95() for a, b in pairs)
    )


def compare(work: Workload, count: int, seeds: int) -> tuple[Ratio, Ratio, Ratio]:
    """One at a time / static batches, one at a time / engine, static batches / engine."""
    runs = [(traffic(work.steps, work.load, seed, count), work.device, seed) for seed in range(seeds)]
    serial, static, ours = ([serve(*run) for run in runs] for serve in (one_at_a_time, static_batches, engine))
    return ratio(serial, static), ratio(serial, ours), ratio(static, ours)


def overload(device: Device, load: float, count: int) -> tuple[int, int]:
    """Jobs done in time, of `count`: first come first served, and with refusing and shedding."""
    jobs = traffic((4, 8, 20), load, 0, count, patience=5)
    return one_at_a_time(jobs, device, 0).in_time(), engine(jobs, device, 0).in_time()


def short_behind_long() -> float:
    """How much sooner a 4-step job is done that arrives just after a 50-step job has begun, on the worst device."""
    jobs = [Job(0, 0.0, 50), Job(1, 0.5, 4)]
    devices = (CPU_TINY, SMALL, SATURATED)
    return min(one_at_a_time(jobs, on, 0).latencies()[1] / engine(jobs, on, 0).latencies()[1] for on in devices)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=1500)
    options.add_argument("--seeds", type=int, default=2)
    chosen = options.parse_args()
    sides = ("serial / static", "serial / engine", "static / engine")
    table = Table("device", "steps", "load", *sides, title="latency, mean / p95")
    for work in WORKLOADS:
        ratios = compare(work, chosen.requests, chosen.seeds)
        table.add_row(work.device.name, "/".join(map(str, work.steps)), f"{work.load:g}", *map(str, ratios))
    console = Console()
    console.print(table)
    for device, load in ((SATURATED, 2.0), (CPU_TINY, 2 * CPU_TINY.gains[MAX_ROWS])):
        fifo, shed = overload(device, load, chosen.requests)
        share = shed / max(1, fifo)
        console.print(f"2x overload, {device.name}: {shed} of {chosen.requests} in time, FIFO {fifo}: {share:.0f}x")
    console.print(f"4 steps behind 50: {short_behind_long():.1f}x sooner")


if __name__ == "__main__":
    main()

"""Why one thread owns a model, on a CPU too: one draft of mini, by how many threads and beside which others.

`python -m tests.bench.threads` prints the table. Each caller of torch has a pool of OpenMP threads of its own; as soon
as a process has more of these than cores, they wait asleep for each other's parts instead of awake.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch
from rich.console import Console
from rich.table import Table

from configs.load import load_catalog
from deployments.families.family import AnyFamily
from deployments.families.registry import FAMILIES
from deployments.messages import GenerateRequest

CORES = len(os.sched_getaffinity(0))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=10)
    rounds = options.parse_args().rounds
    table = Table("way", "ms", "of the first", title=f"one draft of mini, {CORES} cores")
    found = measure(rounds)
    first = next(iter(found.values()))
    for name, seconds in found.items():
        table.add_row(name, f"{seconds * 1000:.0f}", f"{seconds / first:.2f}")
    Console().print(table)


def measure(rounds: int) -> dict[str, float]:
    """Median seconds of a draft for each way, in turn."""
    with ThreadPoolExecutor(1) as owner:
        family = owner.submit(_load).result()
        taken: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, threads, beside in (
                (f"{CORES} threads, alone in the process", CORES, False),
                (f"{CORES} threads, another caller's pool idle beside", CORES, True),
                ("1 thread", 1, False),
            ):
                taken.setdefault(name, []).append(_with_company(beside, partial(_draft, owner, family, threads)))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _load() -> AnyFamily:
    return FAMILIES.find("flux")(load_catalog().models["mini"])


def _with_company(beside: bool, work: Callable[[], float]) -> float:
    """`work`, while another thread, which has used torch, is there and does nothing."""
    if not beside:
        return work()
    with ThreadPoolExecutor(1) as other:
        other.submit(lambda: torch.ones(2000, 2000) @ torch.ones(2000, 2000)).result()
        return work()


def _draft(owner: ThreadPoolExecutor, family: AnyFamily, threads: int) -> float:
    def draw() -> float:
        torch.set_num_threads(threads)
        began = time.perf_counter()
        request = GenerateRequest("bench", "a red bicycle icon", "", 128, 128, 1, 12, 3.5)
        state = family.start(request, family.encode(request.prompt, ""))
        for _ in range(12):
            family.step([state])
        family.decode(state)
        return time.perf_counter() - began

    return owner.submit(draw).result()


if __name__ == "__main__":
    main()

"""What stepping together is worth to the families beside FLUX, on tiny models of random weights, as ratios.

`python -m tests.bench.families` prints the table. Both sides step the same requests in turn, in one process; medians
over rounds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from configs.schema import ModelConfig
from deployments.families.assembly import quieten
from deployments.families.diffusion import Diffusion
from deployments.families.registry import FAMILIES
from deployments.messages import GenerateRequest
from tests.bench.sides import THREADS, Figure, describe, in_turn
from tests.deployments import tiny_hidream, tiny_sd3, tiny_sdxl
from tests.deployments.stepping import begin
from tests.deployments.tiny import request

BUILDERS: dict[str, tuple[Callable[[Path], None], Callable[[Path], ModelConfig]]] = {
    "sd3": (tiny_sd3.build, tiny_sd3.config),
    "sdxl": (tiny_sdxl.build, tiny_sdxl.config),
    "hidream": (tiny_hidream.build, tiny_hidream.config),
}
GOALS = {"sd3_batch": (1.5, 2.0), "sdxl_batch": (2.0, 3.0), "hidream_batch": (1.3, 1.5), "hidream_mixed": (1.5, 2.0)}
"""Floor and aim of each ratio."""
REQUESTS = 4
"""Of the batch of mixed steps, each with a negative prompt: twice as many rows."""


def measure(rounds: int = 15) -> list[Figure]:
    """All figures."""
    torch.set_num_threads(THREADS)
    quieten()
    figures = []
    for name in BUILDERS:
        with tiny(name) as family:
            figures.append(mixed_steps(name, family, rounds))
            if name == "hidream":
                figures.append(mixed_sizes(family, rounds))
    return figures


def ratios(rounds: int = 15) -> dict[str, float]:
    """The values of `measure` by name."""
    return {figure.name: figure.value for figure in measure(rounds)}


def mixed_steps(name: str, family: Diffusion[Any], rounds: int) -> Figure:
    """A step of four requests, each at another of its own number of steps: one at a time ÷ one batch."""
    size = {"width": 64, "height": 64} if name == "sdxl" else {}
    asked = [request(seed=seed, num_inference_steps=2 * rounds + 10 * seed, **size) for seed in range(1, REQUESTS + 1)]
    return compare(f"{name}_batch", family, asked, rounds)


def mixed_sizes(family: Diffusion[Any], rounds: int) -> Figure:
    """A step of three resolutions: three batches ÷ one."""
    steps = 2 * rounds + 10
    asked = [request(width=size.width, height=size.height, num_inference_steps=steps) for size in tiny_hidream.SIZES]
    return compare("hidream_mixed", family, asked, rounds)


def compare(name: str, family: Diffusion[Any], asked: Sequence[GenerateRequest], rounds: int) -> Figure:
    """One step of all: alone ÷ together."""
    states = [begin(family, each) for each in asked]
    for number, state in enumerate(states):
        for _ in range(number):
            family.step([state])

    def alone() -> None:
        for state in states:
            family.step([state])

    one_by_one, together = in_turn([alone, lambda: family.step(states)], rounds)
    return Figure(name, one_by_one / together, *GOALS[name], (one_by_one, together))


@contextmanager
def tiny(name: str) -> Iterator[Diffusion[Any]]:
    """A loaded model of that family, of random weights."""
    build, config = BUILDERS[name]
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        model: Any = FAMILIES.find(name)(config(Path(folder)))
        yield model


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=15)
    figures = measure(options.parse_args().rounds)
    Console().print(describe("Tiny models", figures))


if __name__ == "__main__":
    main()

"""What merging loses, and what it takes: each way beside the exact sum of the same LoRAs, as relative errors of the
change of a layer, and low rank on factors beside a whole SVD, in turn, as a ratio.

`python -m tests.bench.merging` prints both; `--side 3072` is FLUX's own width, whose whole SVD takes a minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table

from deployments.loras.changes import LowRank
from tests.bench.sides import THREADS, Figure, describe, in_turn
from training.lora.merging.factors import Limit, compress, concatenate, truncate
from training.lora.merging.sparse import dare, ties

RANK, STRENGTHS = 8, (0.8, 0.6)


def draw(side: int, seed: int) -> LowRank:
    """A random adapter of a square layer."""
    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(RANK, side, generator=generator)
    return LowRank(a, torch.randn(side, RANK, generator=generator))


def delta(change: LowRank) -> torch.Tensor:
    return change.b.double() @ change.a.double()


def added(changes: list[LowRank]) -> LowRank:
    """PEFT's `linear`: A's and B's are added, each with the root of its strength, and so multiply across."""
    a = torch.stack([s**0.5 * change.a for s, change in zip(STRENGTHS, changes, strict=True)]).sum(0)
    return LowRank(a, torch.stack([s**0.5 * change.b for s, change in zip(STRENGTHS, changes, strict=True)]).sum(0))


def errors(side: int) -> dict[str, float]:
    """The relative error of each way, in the Frobenius norm, to the exact sum."""
    changes = [draw(side, 1), draw(side, 2)]
    weighted = [s * delta(change) for s, change in zip(STRENGTHS, changes, strict=True)]
    exact = torch.stack(weighted).sum(0)
    joined = concatenate(changes, list(STRENGTHS))
    whole = [delta(change).float() for change in changes]
    ways: dict[str, Callable[[], torch.Tensor]] = {
        "concatenate": lambda: delta(joined),
        "svd to rank 16": lambda: delta(compress(joined, Limit(16)).change),
        "svd to rank 12": lambda: delta(compress(joined, Limit(12)).change),
        "svd to rank 8": lambda: delta(compress(joined, Limit(8)).change),
        "A's and B's added (PEFT's linear)": lambda: delta(added(changes)),
        "ties, density .3, whole": lambda: ties(whole, STRENGTHS, 0.3).double(),
        "ties, density .3, rank 16": lambda: delta(truncate(ties(whole, STRENGTHS, 0.3), Limit(16)).change),
        "dare, density .3, whole": lambda: dare(whole, STRENGTHS, 0.3, (1, 2)).double(),
        "dare, density .3, rank 16": lambda: delta(truncate(dare(whole, STRENGTHS, 0.3, (1, 2)), Limit(16)).change),
    }
    return {name: float((way() - exact).norm() / exact.norm()) for name, way in ways.items()}


def speed(side: int, rounds: int) -> Figure:
    """A whole SVD ÷ one on the factors, of one layer of that side."""
    joined = concatenate([draw(side, 1), draw(side, 2)], list(STRENGTHS))
    whole = joined.b @ joined.a
    sides = [lambda: _drop(torch.linalg.svd(whole)), lambda: _drop(compress(joined, Limit(8)))]
    slow, fast = in_turn(sides, rounds)
    return Figure("svd on factors", slow / fast, 20, 100, (slow, fast))


def _drop(_result: object) -> None:
    """What was computed is not wanted."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.merging", description=__doc__)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    table = Table("way", "error", title=f"two random LoRAs of rank {RANK}, side {options.side}")
    for name, error in errors(options.side).items():
        table.add_row(name, f"{error:.1e}" if error < 0.001 else f"{error:.0%}")
    console = Console(highlight=False)
    console.print(table)
    console.print(describe("merging", [speed(options.side, options.rounds)]))


if __name__ == "__main__":
    main()

"""`python -m tests.bench.gpu`: what the engine's parts cost on one GPU with a full-size FLUX.1-dev of random weights.

Without CUDA, or with `--toy`, the same code runs a tiny model, whose figures mean nothing. `--only H7 --only H12` takes
some of the figures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from deployments.families.assembly import quieten
from tests.bench.gpu.goals import GOALS, as_json, show
from tests.bench.gpu.measure import measure
from tests.bench.gpu.model import H100_PEAK, this_machine
from tests.bench.gpu.sizes import FULL, TOY


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.bench.gpu", description=__doc__)
    options.add_argument("--toy", action="store_true", help="a tiny model")
    options.add_argument("--only", action="append", metavar="ID", help="this goal's figures; may be repeated")
    options.add_argument("--peak-tflops", type=float, default=H100_PEAK, help="the chip's, dense bf16 (default: H100)")
    options.add_argument("--attention", default="_native_cudnn", help="diffusers' backend for the fast way")
    options.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = options.parse_args()
    quieten()
    machine = this_machine(chosen.attention, chosen.peak_tflops)
    toy = chosen.toy or machine.device.type != "cuda"
    wanted = [goal.id for goal in GOALS if not chosen.only or goal.id.split(".")[0] in chosen.only]
    progress = Console(stderr=True, highlight=False)
    figures = measure(machine, TOY if toy else FULL, wanted, lambda line: progress.print(line, style="dim"))
    show(figures, machine.name, toy)
    if chosen.json:
        chosen.json.write_text(as_json(figures, machine.name, toy) + "\n")


if __name__ == "__main__":
    main()

"""Command line: `python -m training.captioner` makes mini's captioner, resuming wherever it stopped."""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console

from training.captioner.export import WEIGHTS, export_captioner
from training.captioner.learning import CaptionerPlan, train_captioner
from training.mini.workspace import SEED, Workspace

ROOT = Path(".atelier/training/captioner")


def main() -> None:
    """Train (or resume), calibrate, write the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.captioner", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--root", type=Path, default=ROOT, help="work files (default %(default)s)")
    parser.add_argument("--steps", type=int, default=CaptionerPlan.steps)
    parser.add_argument("--target", type=Path, default=WEIGHTS, help="weights that ship (default %(default)s)")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    console, space = Console(highlight=False), Workspace(options.root, options.seed)
    plan = replace(CaptionerPlan(), steps=options.steps)
    for figures in train_captioner(space, plan):
        console.print("  ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    export_captioner(space, plan, options.target)
    console.print(f"written to {options.target}; python -m training.captioner.examine says how often it is right")


if __name__ == "__main__":
    main()

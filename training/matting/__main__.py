"""`python -m training.matting`: train the network that cuts subjects out, say how well, and export it."""

import argparse
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from training.matting.trainer import MattingPlan, export, held_out, load, measure, to_tensors, train
from training.mini.workspace import SEED, Workspace

ROOT = Path(".atelier/training/matting")
WEIGHTS = Path("deployments/weights/mini-matting")


def main() -> None:
    """Train (or resume), measure on held-out renders at the size of training, export."""
    parser = argparse.ArgumentParser(prog="python -m training.matting", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="work files (default %(default)s)")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="where the network goes (default %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--steps", type=int, default=MattingPlan.steps)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    console, space = Console(highlight=False), Workspace(options.root, options.seed)
    plan = MattingPlan(steps=options.steps)
    for figures in train(space, plan):
        console.print("  ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    network = load(space, plan)
    samples = held_out(space.seed, 120, 1)
    with torch.inference_mode():
        logits = [network(to_tensors([sample])[0])[0, 0] for sample in samples]
    guesses = [(one.sigmoid().numpy() * 255).round().astype(np.uint8) for one in logits]
    result = measure(guesses, samples)
    console.print(f"{result.count} held-out renders: mean alpha error {result.error:.4f}, IoU {result.overlap:.3f}")
    export(network, options.weights)


if __name__ == "__main__":
    main()

"""Command line: `python -m training.scorer` makes mini's scorer from nothing, resuming wherever it stopped."""

import argparse
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from training.mini.workspace import DEFAULT, SEED, Workspace
from training.scorer.export import WEIGHTS, examine_scorer, export_scorer
from training.scorer.learning import DRAWN, ScorerPlan, train_scorer
from training.scorer.pictures import draw_album


def main() -> None:
    """Let mini draw, train, examine, write the weights; a run that was stopped goes on."""
    parser = argparse.ArgumentParser(prog="python -m training.scorer", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--root", type=Path, default=DEFAULT, help="work files (default %(default)s)")
    parser.add_argument("--target", type=Path, default=WEIGHTS, help="weights that ship (default %(default)s)")
    parser.add_argument("--steps", type=int, default=ScorerPlan.steps)
    options = parser.parse_args()
    console, space = Console(highlight=False), Workspace(options.root, options.seed)
    plan = replace(ScorerPlan(), steps=options.steps)
    for done in draw_album(space, DRAWN, plan.drawings + plan.held_out):
        console.print(f"drawn {done} of {plan.drawings + plan.held_out}")
    for figures in train_scorer(space, plan):
        console.print("  ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    for name, found in examine_scorer(space, plan).items():
        console.print(
            f"{name}: of {found.pairs} pairs {found.told:.1%} told apart; {found.passed:.1%} of what is true"
            f" and {1 - found.refused:.1%} of what is nearly true at one half or more"
        )
    export_scorer(space, plan, options.target)
    console.print(f"written to {options.target}")


if __name__ == "__main__":
    main()

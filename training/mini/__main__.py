"""Command line: `python -m training.mini [all|<stage>]` makes mini from nothing, resuming wherever it stopped."""

import argparse
from functools import partial
from pathlib import Path

from training.mini.parallel import launch
from training.mini.stages import ALONE, RESTORE, STAGES, Order, run_stage, to_run
from training.mini.workspace import DEFAULT, SEED, Workspace


def main() -> None:
    """Run one stage, or all in order."""
    parser = argparse.ArgumentParser(prog="python -m training.mini", description=__doc__)
    parser.add_argument("stage", nargs="?", default="all", choices=("all", *STAGES, RESTORE))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--root", type=Path, default=DEFAULT, help="work files (default %(default)s)")
    parser.add_argument("--target", type=Path, default=Path("deployments/weights"), help="weights that ship")
    parser.add_argument("--steps", type=int, help="train this stage to so many steps")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda with --workers 1")
    parser.add_argument("--compile", action="store_true", help="compile the transformer's blocks (needs g++)")
    options = parser.parse_args()
    space = Workspace(options.root, options.seed)
    for stage in to_run(space) if options.stage == "all" else (options.stage,):
        order = Order(space, stage, options.steps, options.compile, options.target)
        workers = 1 if stage in ALONE else options.workers
        launch(partial(run_stage, order), workers, options.device)


if __name__ == "__main__":
    main()

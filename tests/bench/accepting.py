"""`python -m tests.bench.accepting`: what it costs the front desk to accept a job, in CPU milliseconds and statements,
today beside another commit. Calls of functions are counted, too: tasks of the
background add a few per cent on a busy machine, where CPU times may double.

Each side is a process of its own on its own tree: a painted studio on a new SQLite file, asked without a socket. CPU
seconds do not count what else the machine does, but a busy one has colder caches: the sides take turns, and the best of
each side's rounds counts. `--profile` says where the time of today's side goes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.table import Table

from configs.load import ROOT
from tests.bench.storage import BEFORE, checked_out

MEASURE = Path(__file__).with_name("accepting_side.py")
Figures: TypeAlias = dict[str, dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accepting", description=__doc__)
    parser.add_argument("--against", default=BEFORE, help="the commit to compare with")
    parser.add_argument("--requests", type=int, default=200, help="per round and side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="today's side alone: shares of its CPU time")
    options = parser.parse_args()
    if options.profile:
        Console().print(_shares(_measure(Path(ROOT), options.requests, "--profile")))
        return
    best: dict[str, Figures] = {"before": {}, "after": {}}
    with checked_out(options.against) as before:
        for _ in range(options.rounds):
            for side, tree in (("before", before), ("after", Path(ROOT))):
                for asked, found in _measure(tree, options.requests).items():
                    known = best[side].get(asked, found)
                    best[side][asked] = {name: min(value, known[name]) for name, value in found.items()}
    Console().print(_table(best, options.against))


def _measure(tree: Path, requests: int, *more: str) -> Figures:
    environment = os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(MEASURE), str(requests), *more]
    answer = subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures: Figures = json.loads(answer.stdout)
    return figures


def _table(best: dict[str, Figures], against: str) -> Table:
    where = f"{platform.node()}, {os.cpu_count()} cores, {datetime.now(UTC):%Y-%m-%d}"
    columns = ("CPU before", "after", "ratio", "calls before", "after", "ratio", "statements before", "after")
    table = Table("asked", *columns, title=where)
    table.caption = f"before: {against}"
    for asked, after in best["after"].items():
        before = best["before"][asked]
        cells = _pair(before, after, "cpu_ms", ".2f", " ms") + _pair(before, after, "calls", ".0f")
        table.add_row(asked, *cells, f"{before['statements']:.1f}", f"{after['statements']:.1f}")
    return table


def _pair(before: dict[str, float], after: dict[str, float], name: str, form: str, unit: str = "") -> tuple[str, ...]:
    """Both sides and their ratio, where it was measured."""
    if name not in after:
        return ("", "", "")
    return (f"{before[name]:{form}}{unit}", f"{after[name]:{form}}{unit}", f"{after[name] / before[name]:.2f}")


def _shares(found: Figures) -> Table:
    table = Table(
        "asked", "part, and the functions with most time of their own", "share of CPU", title="under cProfile"
    )
    for asked, shares in found.items():
        for part, share in shares.items():
            table.add_row(asked, part, f"{share:.0%}")
    return table


if __name__ == "__main__":
    main()

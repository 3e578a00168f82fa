"""What the preflight of datasets finds of faults that were planted, and what it takes for one in clean sets.

`python -m tests.bench.dataset_preflight` draws clean sets of 40 icons, plants each fault in a copy of each, and prints
per fault: recall of the rule, over sets and over the pictures that were touched, and how many others it names. What it
says of the clean sets comes first.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from dataclasses import dataclass

from rich.console import Console

from router.datasets.preflight.finding import Report
from tests.router.datasets.drawn import Drawn, draw_set
from tests.router.datasets.planted import FAULTS, Fault
from tests.router.datasets.sets import check

CONSOLE = Console(width=200, highlight=False, markup=False)


@dataclass(frozen=True)
class Result:
    """Of one fault in one set. `beside` are other errors and warnings than the planted one."""

    found: bool
    touched: int
    named: int
    wrong: int
    beside: tuple[str, ...]


def plant(fault: Fault, clean: list[Drawn], seed: int) -> Result:
    those = list(clean)
    touched = {f"pic_{place:03d}" for place in fault.plant(those, random.Random(seed))}
    report = check(those, fault.trigger)
    mine = [one for one in report.findings if one.code == fault.code]
    named = {id for one in mine for id in one.pictures}
    beside = {one.code for one in report.findings if one.severity != "hint" and one.code != fault.code}
    return Result(bool(mine), len(touched), len(named & touched), len(named - touched), tuple(sorted(beside)))


def _told(report: Report) -> str:
    alarms = [one for one in report.findings if one.severity != "hint"]
    hints = ", ".join(one.code for one in report.findings if one.severity == "hint") or "none"
    return (
        f"{report.score.total:3d} points; "
        + ("; ".join(f"{one.code}: {one.reason}" for one in alarms) or "no alarm")
        + f"; hints: {hints}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--only", default="", help="codes of rules, as in crops,blurred")
    asked = parser.parse_args()
    begun = time.perf_counter()
    clean = {seed: draw_set(seed, asked.pictures) for seed in range(asked.sets)}
    for seed, those in clean.items():
        CONSOLE.print(f"clean set {seed}: {_told(check(those))}")
    for style in () if asked.only else ("product", "logo", "premium"):
        CONSOLE.print(
            f"clean, {style}: {_told(check(draw_set(90, asked.pictures, style), asset_type=f'{style}_illustration'))}"
        )
    CONSOLE.print(f"\n{'rule':18} {'fault':24} {'sets':>6} {'pictures':>9} {'wrongly':>8}  other alarms")
    only = set(filter(None, asked.only.split(",")))
    for fault in (one for one in FAULTS if not only or one.code in only):
        results = [plant(fault, those, seed) for seed, those in clean.items()]
        sets = f"{sum(one.found for one in results)}/{len(results)}"
        touched = sum(one.touched for one in results)
        pictures = "" if fault.whole or not touched else f"{sum(one.named for one in results)}/{touched}"
        wrong = "" if fault.whole else str(sum(one.wrong for one in results))
        beside = Counter(code for one in results for code in one.beside)
        CONSOLE.print(
            f"{fault.code:18} {fault.name:24} {sets:>6} {pictures:>9} {wrong:>8}  {', '.join(map(str, beside))}",
        )
    CONSOLE.print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()

"""`make bench-capacity`: ways to scale on the same made-up weeks, by simulation with production's functions.

Prints a table with the spread over seeds, and whether goals are met: three times fewer GPU hours than each model scaled
for itself, at no worse waits; a quarter of what always runs; a plan within a tenth of a month that is replayed.
`--large` adds a million jobs on 200 GPUs. Draws `router/capacity/simulation/ways.webp` for the README.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from configs.capacity import CapacityPolicy
from configs.fleet import GpuKind, Price
from configs.load import ROOT
from configs.memory import GB
from router.capacity.simulation.loop import run
from router.capacity.simulation.picture import Side, draw
from router.capacity.simulation.records import Record
from router.capacity.simulation.report import Report, summarise
from router.capacity.simulation.scaling import Scaling, each_alone, fixed, planned
from router.capacity.simulation.sessions import Crowd, imagine
from router.capacity.simulation.setting import Group, Held, Setting
from router.capacity.simulation.trace import Trace
from router.charts.files import paint
from serve.capacity.terms import route

TARGET = ROOT / "router/capacity/simulation/ways.webp"
SLO, NODE, LOAD, SIZE = 30.0, 60.0, 23.0, 8 * GB
_FIRST = (0.31, 0.15, 0.095, 0.08, 0.065, 0.05, 0.04, 0.032, 0.026, 0.022, *(0.007,) * 10)
SHARES = {f"model-{i}": share for i, share in enumerate((*_FIRST, *(0.06 / 67,) * 67))}
MODELS = {name: Held(SIZE, LOAD) for name in SHARES}
CROWD = Crowd(26_392 / 23, SHARES, dict.fromkeys(SHARES, 17.3))
_A_FIFTH = 230  # of its jobs, for the month
_PRICE = Price(per_hour=1, source="GPU hours, not money", read_on=date(2026, 11, 29))


@dataclass(frozen=True)
class Way:
    """How it is called, what it runs on, and how it is scaled: anew in each run."""

    name: str
    setting: Setting
    scaling: Callable[[], Scaling]


def main() -> int:
    """Simulate, print, draw; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capacity", description=__doc__)
    parser.add_argument("--days", type=float, default=2.0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="a million jobs on 200 GPUs, too")
    parser.add_argument("--to", type=Path, default=TARGET)
    options = parser.parse_args()
    console = Console(highlight=False, width=120)
    traces = [imagine(CROWD, options.days, seed) for seed in range(options.seeds)]
    records = {way.name: [_run(way, trace, seed) for seed, trace in enumerate(traces)] for way in ways()}
    reports = {name: summarise(each, traces[0].months, SLO) for name, each in records.items()}
    console.print(_table(reports, traces))
    sides = [Side(name, records[name][0]) for name in (_OURS, "4 always, 8 models each", _OWN_900)]
    picture = draw(f"The same {len(traces[0].arrivals):,} jobs, 87 models", sides, options.days, "GPU hours")
    paint(picture).save(options.to, "WEBP", quality=88, method=6)
    goals = [*_goals(reports), _replayed()]
    if options.large:
        goals.append(_large())
    for met, told in goals:
        console.print(f"{'ok' if met else 'MISSED'}: {told}", soft_wrap=True)
    return 0 if all(met for met, _ in goals) else 1


_OWN_900, _OURS = "a GPU for each model, kept 900 s", "0-4 GPUs, 8 models each, kept 900 s"


def ways() -> Iterator[Way]:
    """As each is measured."""
    alone = tuple(
        Group(name, {name: held}, 24 * GB, ("g",), most=1, process_seconds=0) for name, held in MODELS.items()
    )
    always = tuple(replace(group, least=1) for group in alone)
    yield Way("a GPU for each model, always", _setting(always, 87, always=87, tick=1e12), lambda: fixed(lambda _: 1))
    for keep in (300.0, 900.0):
        yield Way(f"a GPU for each model, kept {keep:g} s", _setting(alone, 87), _alone(keep))
    for models in (3, 8):
        four = (_shared(models, least=4),)
        name = f"4 always, {models} models each"
        yield Way(name, _setting(four, 4, always=4, gb=8 * models, tick=1e12), lambda: fixed(lambda _: 4))
    for models in (3, 8):
        yield Way(
            f"0-4 GPUs, {models} models each, kept 900 s", _setting((_shared(models),), 4, gb=8 * models), _planned
        )


def _alone(keep: float) -> Callable[[], Scaling]:
    return lambda: each_alone(keep)


def _planned() -> Scaling:
    return planned(CapacityPolicy(slo_seconds=SLO, keep_alive_seconds=900.0))


def _shared(models: int, least: int = 0, most: int = 4) -> Group:
    return Group("shared", MODELS, models * SIZE, ("g",), least=least, most=most, process_seconds=0)


def _setting(groups: tuple[Group, ...], most: int, always: int = 0, gb: float = 24, tick: float = 5.0) -> Setting:
    kind = GpuKind(memory_gb=gb, min=always, max=most, price=_PRICE, start_seconds=NODE, idle_seconds=0)
    return Setting(groups, {"g": kind}, tick_seconds=tick, rest_seconds=max(tick, 60.0))


def _run(way: Way, trace: Trace, seed: int) -> Record:
    return run(trace, way.setting, way.scaling(), route, SLO, seed)


def _table(reports: dict[str, Report], traces: Sequence[Trace]) -> Table:
    jobs = sum(len(trace.arrivals) for trace in traces) / len(traces)
    busy = sum(trace.work for trace in traces) / len(traces) / 3600
    title = (
        f"{jobs:,.0f} jobs in {traces[0].seconds / 86400:g} days, {busy:.0f} GPU-h of drawing, {len(traces)} seeds; "
        f"a node {NODE:g} s, a load {LOAD:g} s; {platform.machine()}, {date.today()}"
    )
    table = Table(title=title)
    for column in ("", "GPU-h a month", f"wait <= {SLO:g} s, %", "p95, s", "p99, s", "cold, %"):
        table.add_column(column, justify="right" if column else "left")
    for name, report in reports.items():
        attained = replace(report.attained, **{k: 100 * getattr(report.attained, k) for k in ("mean", "low", "high")})
        table.add_row(
            name,
            report.gpu_hours.text(),
            attained.text(),
            report.p95.text(),
            report.p99.text(),
            f"{100 * report.cold.mean:.0f}",
        )
    return table


def _goals(reports: dict[str, Report]) -> Iterator[tuple[bool, str]]:
    ours, own = reports[_OURS], reports[_OWN_900]
    fewer = own.gpu_hours.mean / ours.gpu_hours.mean
    better = ours.attained.mean - own.attained.mean
    yield fewer >= 3, f"{fewer:.1f} times fewer GPU hours than each model scaled for itself (3 are wanted)"
    yield better >= 0, f"{100 * better:+.1f} points of jobs in time beside it (0 are wanted)"
    share = ours.gpu_hours.mean / reports["4 always, 8 models each"].gpu_hours.mean
    yield share <= 0.25, f"{share:.2f} of four GPUs that always run (0.25 is wanted)"


def _replayed() -> tuple[bool, str]:
    """A plan is made of what is known of a month: how many jobs, which models, how long each takes; and beside it the
    month itself, replayed. Of the same machines."""
    way = next(way for way in ways() if way.name == _OURS)
    month = imagine(replace(CROWD, jobs_per_day=_A_FIFTH), 28, seed=1000)
    mean = month.work / len(month.arrivals)
    known = Crowd(len(month.arrivals) / (month.seconds / 86400), month.shares(), dict.fromkeys(month.shares(), mean))
    plans = [imagine(known, 28, seed) for seed in range(3)]
    plan = summarise([_run(way, trace, seed) for seed, trace in enumerate(plans)], month.months, SLO)
    replay = summarise([_run(way, month, 0)], month.months, SLO)
    hours = plan.gpu_hours.mean / replay.gpu_hours.mean - 1
    points = plan.attained.mean - replay.attained.mean
    both = f"a plan of {plan.gpu_hours.text(' GPU-h')} for a month that took {replay.gpu_hours.text()}"
    told = f"{both}: {100 * hours:+.0f} %"
    return abs(hours) <= 0.1 and abs(points) <= 0.1, f"{told}, and {100 * points:+.1f} points of jobs in time"


def _large() -> tuple[bool, str]:
    """How long it takes to look past one machine: minutes."""
    trace = imagine(replace(CROWD, jobs_per_day=1_000_000 / 7), 7, seed=0)
    setting = replace(_setting((_shared(8, most=200),), 200, gb=64, tick=30.0))
    began = time.perf_counter()
    record = run(trace, setting, _planned(), route, SLO)
    taken = time.perf_counter() - began
    told = f"{record.arrived:,} jobs on up to {record.most_nodes} GPUs in {taken / 60:.1f} minutes"
    return taken < 900, f"{told}: {100 * record.attained(SLO):.0f} % in time, {record.gpu_hours:,.0f} GPU-h"


if __name__ == "__main__":
    raise SystemExit(main())

"""`make bench-engine`: what the engine is worth, as ratios with both sides measured in one run, in turn.

`make bench-engine JSON=path` also writes the figures; `ARGS="--rounds 3"` is a first look.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from tests.bench import families, loras
from tests.bench.engine import batching, caches, http
from tests.bench.engine.figures import figures, show, verdict, write_json
from tests.bench.engine.models import LARGE, SMALL, subject
from tests.bench.engine.plot import draw_plot

PLOT = Path("deployments/engine/bench.svg")


def main() -> int:
    """Measure, print, draw, write; exit status 1 where a figure is below its floor."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="of every comparison (default %(default)s)")
    parser.add_argument("--without-http", action="store_true", help="leave out the cluster and the plain server")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--plot", type=Path, default=PLOT)
    options = parser.parse_args()
    console = Console(highlight=False, width=120)
    rounds: int = options.rounds
    values = {**small_model(rounds, options.plot, console), **large_model(rounds, console)}
    values |= loras.ratios(5 * rounds)
    console.print("other families …")
    values |= families.ratios(5 * rounds)
    if not options.without_http:
        console.print("end_to_end …")
        values["end_to_end"] = http.end_to_end(60, max(2, rounds // 4), console)
    found = figures(values)
    show(found, console)
    if options.json:
        write_json(found, options.json)
    return int(any(verdict(figure) == "BELOW FLOOR" for figure in found))


def small_model(rounds: int, plot: Path, console: Console) -> dict[str, float]:
    """A model whose steps are launch-bound: batching pays."""
    with subject(SMALL, 128) as small:
        values = {"capacity": batching.capacity(small, rounds)}
        console.print(f"latencies under load {batching.LOAD}, steps {batching.STEPS} …")
        found = batching.latencies(small, 300, rounds)
        batching.report(found, console)
        draw_plot(found, plot)
        alone, static, ours = found["one at a time"], found["static batches"], found["engine"]
        values["p95"] = batching.quantile(alone, 0.95) / batching.quantile(ours, 0.95)
        values["mean_vs_static"] = sum(static) / sum(ours)
        values["short_behind_long"] = batching.short_behind_long(small, rounds)
        values["coalescing"] = caches.coalescing(small)
        values["embed_cache"] = caches.embed_cache(small, 20 * rounds)
        values["shedding"] = caches.shedding(small, 1000)
        values["tick_overhead"] = batching.tick_overhead(small, rounds)
    return values


def large_model(rounds: int, console: Console) -> dict[str, float]:
    """A model whose steps are saturated: batching does not pay, and must not cost."""
    console.print("saturated model …")
    with subject(LARGE, 512) as large:
        return {"saturated": batching.saturated(large, max(3, rounds // 2))}


if __name__ == "__main__":
    raise SystemExit(main())

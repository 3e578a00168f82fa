"""`python -m tests.bench.pipelines`: what the stages make of mini's pictures, as a table and sheets to look at.

Every picture is drawn by the real pipeline, one after the other. The upscalers and the choice among several have
commands of their own, which this one runs after its own figures.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import statistics
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from deployments.stages.vector import measure_fidelity
from router.job_request import JobRequest
from tests.bench.pipelines import orders
from tests.bench.pipelines.drawn import Draughtsman, Drawn, draughtsman
from tests.bench.pipelines.sheets import results_sheet, types_sheet

MOST_PATHS = 64
AIMS = {"palette_adherence": "≥ 0.9"}
_CARD = Path(__file__).parents[3] / "deployments/stages/card"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, what came out, and what it should be."""

    name: str
    value: str
    aim: str = ""


async def evaluate(flat: int, branded: int, mixed: int, kit: str, card: Path) -> list[Figure]:
    """Draw all of it, write the sheets to `card`, and say what came out."""
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        async with draughtsman(Path(folder)) as studio:
            lots: dict[str, list[Drawn]] = {}
            wanted = {
                "flat": orders.flat_art(flat),
                "branded": orders.branded(branded, kit),
                "mixed": orders.mixed(mixed),
            }
            for name, lot in wanted.items():
                lots[name] = [one async for one in _draw(studio, name, lot, progress)]
    card.mkdir(parents=True, exist_ok=True)
    if lots["flat"] or lots["branded"]:
        results_sheet(lots["flat"], lots["branded"]).save(card / "flat-art-and-brand.webp", quality=85)
    if lots["mixed"]:
        types_sheet(lots["mixed"]).save(card / "types-and-qualities.webp", quality=85)
    everything = [one for lot in lots.values() for one in lot]
    return [
        *svg_figures(lots["flat"]),
        *score_figures(lots["flat"], "legibility"),
        *score_figures(lots["branded"], "palette"),
        *time_figures(everything),
    ]


async def _draw(studio: Draughtsman, name: str, lot: Sequence[JobRequest], progress: Progress) -> AsyncIterator[Drawn]:
    task = progress.add_task(name, total=len(lot))
    async for one in studio.draw(lot):
        progress.advance(task)
        yield one


def svg_figures(drawn: Sequence[Drawn]) -> list[Figure]:
    """How many pictures of flat types have an SVG, all and bicycles, and of how many paths."""
    bicycles = [one for one in drawn if "bicycle" in one.order.prompt]
    paths = [len(re.findall(rb"<path\b", one.files["svg"])) for one in drawn if "svg" in one.files]
    within = sum(count <= MOST_PATHS for count in paths)
    close = [measure_fidelity(one.files["svg"].decode(), one.shown) for one in drawn if "svg" in one.files]
    reasons = {note for one in drawn if "svg" not in one.files for note in one.image.notes}
    return [
        Figure("SVG of flat types", _share(sum("svg" in one.files for one in drawn), len(drawn)), "≥ 98 %"),
        Figure("… of red bicycles", _share(sum("svg" in one.files for one in bicycles), len(bicycles)), "was 1 in 4"),
        Figure("… of at most 64 paths", _share(within, len(paths)), "all"),
        Figure("… paths, median and most", f"{statistics.median(paths):.0f}, {max(paths)}" if paths else "none"),
        Figure(
            "… dB, median and least", f"{statistics.median(close):.1f}, {min(close):.1f}" if close else "none", "≥ 28"
        ),
        *(Figure("… refused", reason) for reason in sorted(reasons)),
    ]


def score_figures(drawn: Sequence[Drawn], beginning: str) -> list[Figure]:
    """Mean, median and low end of each score whose name begins so."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in drawn:
        for name, score in one.image.scores.items():
            if name.startswith(beginning):
                found[name].append(score)
    return [
        Figure(
            name,
            f"mean {statistics.mean(scores):.3f}, median {statistics.median(scores):.3f}, "
            f"10 % below {_low(scores):.3f}, of {len(scores)}",
            AIMS.get(name, ""),
        )
        for name, scores in sorted(found.items())
    ]


def time_figures(drawn: Sequence[Drawn]) -> list[Figure]:
    """Seconds of each stage, and how far the estimates were off once all speeds were measured."""
    known = drawn[len(drawn) // 10 :]
    seconds, errors = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    for one in known:
        for stage, took in one.image.seconds.items():
            seconds[stage].append(took)
            errors[stage].append(one.planned[stage] / max(took, 1e-3) - 1)
    return [
        *(
            Figure(
                f"seconds of {stage}",
                f"median {statistics.median(took):.2f}, of {len(took)}; said {_off(errors[stage])}",
            )
            for stage, took in seconds.items()
        ),
        *([Figure("seconds beside the stages", _beside(known))] if known else []),
        *(
            Figure(f"estimate of a whole {quality}", _off([one.said / one.took - 1 for one in lot]))
            for quality in orders.QUALITIES
            if (lot := [one for one in known if one.order.quality == quality])
        ),
        *([Figure("error of the estimate, median", _error(known), "≤ 20 %")] if known else []),
    ]


def _off(errors: Sequence[float]) -> str:
    """How far off, and which way."""
    return f"{statistics.median(errors):+.0%}, {statistics.median(map(abs, errors)):.0%} off"


def _beside(drawn: Sequence[Drawn]) -> str:
    return f"median {statistics.median(one.took - sum(one.image.seconds.values()) for one in drawn):.2f}"


def _error(drawn: Sequence[Drawn]) -> str:
    return f"{statistics.median(abs(one.said / one.took - 1) for one in drawn):.0%}"


def _low(scores: Sequence[float]) -> float:
    return sorted(scores)[len(scores) // 10]


def _share(some: int, all_of_them: int) -> str:
    return f"{some / max(all_of_them, 1):.1%} ({some} of {all_of_them})"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flat", type=int, default=120, help="icons and logos")
    options.add_argument("--branded", type=int, default=48)
    options.add_argument("--mixed", type=int, default=48, help="all types in all qualities")
    options.add_argument("--kit", default="atelier", help="brand kit")
    options.add_argument("--card", type=Path, default=_CARD, help="folder for the sheets")
    chosen = options.parse_args()
    figures = asyncio.run(evaluate(chosen.flat, chosen.branded, chosen.mixed, chosen.kit, chosen.card))
    drawn = chosen.flat + chosen.branded + chosen.mixed
    table = Table(title=f"{drawn} pictures, {platform.machine()}, {os.cpu_count()} cores, {date.today()}")
    for column in ("figure", "measured", "aim"):
        table.add_column(column)
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.aim)
    Console().print(table)


if __name__ == "__main__":
    main()

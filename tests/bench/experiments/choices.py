"""`python -m tests.bench.experiments.choices`: what other ways to count would have got wrong on the same simulated
votes. Prints a table, and draws `router/experiments/statistics/choices.webp` for the README."""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np
from rich.console import Console
from rich.table import Table

from configs.load import ROOT
from tests.bench.experiments.studies import Orders, Panel, found_nothing, held_truth, shuffle

TARGET = ROOT / "router/experiments/statistics/choices.webp"
_THETA = (0.25, 0.1, -0.05, -0.3)
_THEIRS, _OURS = "#c5221f", "#1a73e8"


def main() -> None:
    """Simulate, print, draw."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.experiments.choices", description=__doc__)
    parser.add_argument("--studies", type=int, default=1500)
    parser.add_argument("--taste", type=float, default=Panel.taste, help="spread of raters' tastes, in logits")
    parser.add_argument("--to", type=Path, default=TARGET)
    options = parser.parse_args()
    panel = Panel(taste=options.taste)
    held, nothing = held_truth(panel, 0.62, options.studies), found_nothing(panel, options.studies)
    orders = shuffle(_THETA, 300, 400)
    Console(highlight=False).print(describe(panel, held, nothing, orders, options.studies))
    draw(panel, held, nothing, orders, options.to)


def describe(
    panel: Panel, held: tuple[float, float], nothing: tuple[float, float, float], orders: Orders, studies: int
) -> Table:
    """What each way gets wrong, a row each."""
    who = f"{panel.raters} raters x {panel.each} votes, tastes spread by {panel.taste:g} logits, {studies} studies"
    table = Table("question", "usual way", "wrong", "ours", "wrong", title=who)
    table.add_row(
        "intervals of 95 % miss the truth",
        "pooled Wilson",
        _percent(1 - held[0]),
        "two-way clustered",
        _percent(1 - held[1]),
    )
    table.add_row(
        "a winner where there is none",
        "z-test at the end",
        _percent(nothing[0]),
        "e-value, each round",
        _percent(nothing[2]),
    )
    table.add_row(
        "a winner where there is none",
        "z-test after each vote",
        _percent(nothing[1]),
        "e-value, each round",
        _percent(nothing[2]),
    )
    table.add_row(
        "another order of the same 300 votes has another leader",
        "Elo, K 32",
        _percent(orders.other_leader),
        "Bradley-Terry",
        "0 %",
    )
    spread = f"+-{orders.elo.std(axis=0).mean():.0f} points"
    table.add_row("ratings move with the order (sd)", "Elo, K 32", spread, "Bradley-Terry", "0 points")
    return table


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def draw(
    panel: Panel, held: tuple[float, float], nothing: tuple[float, float, float], orders: Orders, target: Path
) -> None:
    """Three panels: intervals, peeking, order."""
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(10, 3), layout="constrained", width_ratios=(1, 1, 1.25))
    _bars(
        axes[0],
        "95 % intervals that hold the truth, %",
        [("pooled\nWilson", held[0]), ("two-way\nclustered", held[1])],
        0.95,
    )
    names = ("z-test\nat the end", "z-test\neach vote", "e-value\neach round")
    _bars(axes[1], "finds a winner where there is none, %", list(zip(names, nothing, strict=True)), 0.05)
    _ratings(axes[2], orders)
    who = f"{panel.raters} raters x {panel.each} votes, tastes spread by {panel.taste:g} logits"
    figure.suptitle(f"{who}; dashed: as promised, or the truth", fontsize=9)
    figure.savefig(target, dpi=110, pil_kwargs={"quality": 88, "method": 6})
    pyplot.close(figure)


def _bars(axes: matplotlib.axes.Axes, title: str, bars: list[tuple[str, float]], promised: float) -> None:
    for place, (name, share) in enumerate(bars):
        axes.bar(place, 100 * share, 0.6, color=_OURS if place == len(bars) - 1 else _THEIRS)
        inside = share > 0.2
        height, colour = (100 * share - 2, "white") if inside else (100 * share + 1, "black")
        axes.text(place, height, f"{100 * share:.0f}", ha="center", va="top" if inside else "bottom", color=colour)
        axes.set_xticks(range(len(bars)), [name for name, _ in bars], fontsize=8)
    axes.axhline(100 * promised, color="#5f6368", linewidth=1, linestyle="--")
    axes.set_ylim(0, 112 if promised > 0.5 else max(30, 115 * max(share for _, share in bars)))
    _tidy(axes, title)


def _ratings(axes: matplotlib.axes.Axes, orders: Orders) -> None:
    rng = np.random.default_rng(0)
    for arm in range(orders.elo.shape[1]):
        jitter = rng.uniform(-0.14, 0.14, len(orders.elo))
        axes.scatter(arm - 0.18 + jitter, orders.elo[:, arm], s=3, color=_THEIRS, alpha=0.25, linewidths=0)
        axes.errorbar(arm + 0.2, orders.bradley_terry[arm], orders.half_widths[arm], fmt="s", color=_OURS, markersize=4)
        axes.plot([arm - 0.4, arm + 0.4], [orders.truth[arm]] * 2, color="#5f6368", linewidth=1, linestyle="--")
    axes.set_xticks(range(orders.elo.shape[1]), list("ABCD"), fontsize=8)
    axes.scatter([], [], s=10, color=_THEIRS, label="Elo, 400 orders")
    axes.errorbar([], [], [], fmt="s", color=_OURS, markersize=4, label="Bradley-Terry")
    axes.legend(frameon=False, fontsize=7, loc="lower left")
    _tidy(axes, f"the same 300 votes: Elo has another leader in {100 * orders.other_leader:.0f} %")


def _tidy(axes: matplotlib.axes.Axes, title: str) -> None:
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


if __name__ == "__main__":
    main()

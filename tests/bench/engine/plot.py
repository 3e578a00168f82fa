"""The bench's picture: which share of the pictures had come after how long, for each way to serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

from tests.bench.engine.figures import machine

COLOURS = {"one at a time": "#9aa0a6", "static batches": "#e8a33d", "engine": "#2f6fed"}


def draw_plot(found: Mapping[str, Sequence[float]], target: Path) -> None:
    """Write the plot as SVG. `found`: latencies in seconds, by the way they were served."""
    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "atelier"
    figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
    for name, latencies in found.items():
        seconds = sorted(latencies)
        shares = [(i + 1) / len(seconds) for i in range(len(seconds))]
        axes.plot(seconds, shares, label=name, color=COLOURS.get(name), linewidth=2)
    axes.set_xlabel("seconds from request to picture")
    axes.set_ylabel("share of the pictures")
    axes.set_xlim(0, max(sorted(values)[int(0.99 * (len(values) - 1))] for values in found.values()))
    axes.set_ylim(0, 1)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, loc="lower right")
    axes.set_title(f"Random traffic at load 0.7, 4, 8 or 20 steps · {machine()}", fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(target, metadata={"Date": None})
    pyplot.close(figure)

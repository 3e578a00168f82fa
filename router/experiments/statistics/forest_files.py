"""A forest plot as a file: SVG for pages and papers, PNG for chats."""

from __future__ import annotations

from router.charts import files
from router.charts.shapes import Drawing
from router.experiments.statistics.forest import WIDTH, Forest, height_of, shapes_of


def to_svg(forest: Forest) -> str:
    """With the title as its `<title>`, for those who do not see it."""
    return files.to_svg(_drawing(forest))


def to_png(forest: Forest) -> bytes:
    """Twice as many pixels as the plot is wide."""
    return files.to_png(_drawing(forest))


def _drawing(forest: Forest) -> Drawing:
    return Drawing(forest.title, WIDTH, height_of(forest), tuple(shapes_of(forest)))

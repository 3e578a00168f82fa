"""The forest plot, as numbers and as files."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from router.charts.shapes import Line
from router.experiments.statistics.forest import WIDTH, height_of, plant, shapes_of
from router.experiments.statistics.forest_files import to_png, to_svg
from router.experiments.statistics.results import Results, find_results
from tests.router.experiments.statistics.simulated import board


@pytest.fixture(scope="module")
def results() -> Results:
    return find_results(board(np.random.default_rng(0), [0.9, -0.5, 0.0], 900), "a2")


def test_rows_are_the_challengers_the_strongest_first(results: Results) -> None:
    forest = plant(results)
    assert [row.label for row in forest.rows] == ["a0", "a1"]
    assert [row.clear for row in forest.rows] == [True, True]
    assert forest.low < forest.rows[1].low < forest.rows[0].high < forest.high
    assert forest.rows[0].numbers.endswith("votes, rank 1")


def test_intervals_lie_on_the_axis_where_their_shares_are(results: Results) -> None:
    forest = plant(results)
    lines = [shape for shape in shapes_of(forest) if isinstance(shape, Line)]
    ticks = [line.x1 for line in lines if line.width == 1.0]
    wide = [line for line in lines if line.width == 2.0 and line.x1 != line.x2]
    for row, line in zip(forest.rows, wide, strict=True):
        share = forest.low + (line.x1 - ticks[0]) / (ticks[4] - ticks[0]) * (forest.high - forest.low)
        assert share == pytest.approx(row.low, abs=1e-9)


def test_files_are_an_svg_with_words_and_a_png_with_ink(results: Results) -> None:
    forest = plant(results.model_copy(update={"verdict": "<b> & co"}))
    root = ElementTree.fromstring(to_svg(forest))
    assert root.get("width") == str(WIDTH)
    assert "<b> & co" in "".join(root.itertext())
    image = Image.open(BytesIO(to_png(forest)))
    assert image.size == (2 * WIDTH, 2 * height_of(forest))
    assert len(image.getcolors(1 << 16) or ()) > 4


def test_no_votes_are_a_plot_that_says_so(results: Results) -> None:
    empty = find_results(board(np.random.default_rng(0), [0, 0], 0), "a1")
    assert "no votes yet" in to_svg(plant(empty))
    assert to_png(plant(empty))

"""The cost curve: exact where measured, never falling, unmoved by a freak tick, moved by a change that stays."""

from __future__ import annotations

import math
from collections.abc import Hashable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.engine.curve import CostCurve

SECONDS = st.floats(1e-4, 10)
POINTS = st.dictionaries(st.integers(1, 16), SECONDS, min_size=1)


def measured(points: dict[int, float], readings: int = 1) -> CostCurve:
    curve = CostCurve()
    for rows, seconds in points.items():
        for _ in range(readings):
            curve.observe("b", rows, seconds)
    return curve


@given(POINTS)
def test_more_rows_never_cost_less(points: dict[int, float]) -> None:
    curve = measured(points)
    line = [curve.seconds("b", rows) for rows in range(1, 40)]
    assert line[0] > 0
    assert all(before <= after * (1 + 1e-9) for before, after in zip(line, line[1:], strict=False))


@given(POINTS)
def test_a_curve_that_rises_is_met_at_every_point_and_straight_between(points: dict[int, float]) -> None:
    rising = dict(zip(sorted(points), sorted(points.values()), strict=True))
    curve = measured(rising)
    for rows, seconds in rising.items():
        assert curve.seconds("b", rows) == pytest.approx(seconds)
    low, high = min(rising), max(rising)
    assert all(rising[low] <= curve.seconds("b", rows) <= rising[high] for rows in range(low, high + 1))


@given(POINTS, st.integers(0, 30))
def test_the_marginals_add_up_to_the_curve(points: dict[int, float], rows: int) -> None:
    curve = measured(points)
    parts = math.fsum(curve.marginal("b", before) for before in range(rows + 1))
    assert parts == pytest.approx(curve.seconds("b", rows + 1))


def test_between_and_beyond_the_points_lines_go_on() -> None:
    curve = measured({1: 1.0, 2: 1.2, 4: 1.6, 8: 4.0})
    assert curve.seconds("b", 3) == pytest.approx(1.4)
    assert curve.seconds("b", 10) == pytest.approx(5.2)
    assert measured({4: 2.0, 8: 3.0}).seconds("b", 2) == pytest.approx(1.5)
    assert measured({4: 2.0}).seconds("b", 2) == pytest.approx(1.0)
    assert measured({4: 2.0}).seconds("b", 8) == pytest.approx(4.0)


@given(SECONDS, st.integers(1, 40), st.floats(20, 1000))
def test_a_tick_that_took_20_times_as_long_moves_the_curve_by_less_than_a_tenth(
    seconds: float, ticks: int, freak: float
) -> None:
    curve = measured({4: seconds}, readings=ticks + 1)
    curve.observe("b", 4, seconds * freak)
    assert curve.seconds("b", 4) == pytest.approx(seconds, rel=0.1)


@given(st.permutations([1.0, 1.0, 20.0]))
def test_a_slow_start_is_outvoted(readings: list[float]) -> None:
    curve = CostCurve()
    for seconds in readings:
        curve.observe("b", 1, seconds)
    assert curve.seconds("b", 1) == 1.0


@given(st.floats(1 / 8, 8), SECONDS)
def test_a_change_that_stays_is_followed(change: float, seconds: float) -> None:
    curve = measured({1: seconds}, readings=10)
    for _ in range(80):
        curve.observe("b", 1, seconds * change)
    assert curve.seconds("b", 1) == pytest.approx(seconds * change, rel=0.05)


def test_a_slower_device_slows_the_row_counts_that_it_did_not_run() -> None:
    curve = measured({1: 1.0, 8: 3.0}, readings=5)
    for _ in range(60):
        curve.observe("b", 8, 6.0)
    assert curve.seconds("b", 8) == pytest.approx(6.0, rel=0.05)
    assert 1.2 < curve.seconds("b", 1) < 2


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_duration_is_passed_over(seconds: float) -> None:
    curve = CostCurve()
    curve.observe("b", 1, seconds)
    assert not curve.known("b")


def test_nothing_known_costs_nothing() -> None:
    assert CostCurve().seconds("b", 3) == 0.0
    assert CostCurve().calibration() is None


def test_an_unknown_bucket_is_read_off_the_nearest_by_its_work() -> None:
    sizes: dict[Hashable, float] = {"small": 1.0, "large": 16.0, "double": 32.0, "half": 0.5}
    curve = CostCurve(size=sizes.__getitem__)
    for rows, seconds in {1: 1.0, 2: 1.1, 4: 1.3}.items():
        curve.observe("small", rows, seconds)
    for rows in (1, 2, 4):
        curve.observe("large", rows, 20.0 * rows)
    assert curve.seconds("double", 1) == pytest.approx(40.0)
    assert curve.seconds("half", 4) == pytest.approx(curve.seconds("small", 2))
    assert 0.9 < curve.seconds("half", 1) < 1.0
    assert not curve.known("half")


def test_calibration_tells_bias_and_error() -> None:
    curve = CostCurve()
    for actual in range(1, 101):
        curve.calibrate(predicted=10.0, actual=10.0 + actual / 10)
    told = curve.calibration()
    assert told is not None
    assert told.finished == 100
    assert told.ratio_p50 == pytest.approx(1.505, rel=0.01)
    assert told.error_p50 == pytest.approx(1 - 1 / 1.505, rel=0.02)
    assert told.error_p50 < told.error_p90 < 0.5

"""Made-up traces are like the one that they were fitted to, and not like a Poisson process."""

from __future__ import annotations

import numpy as np
import pytest

from router.capacity.simulation.sessions import USUAL, Crowd, imagine, session_mean
from router.capacity.simulation.trace import Arrival, Trace

SHARES = (0.31, 0.15, 0.095, 0.08, 0.065, 0.05, 0.04, 0.032, 0.026, 0.022, *(0.007,) * 10, *(0.0009,) * 67)
MIX = {f"m{i}": share for i, share in enumerate(SHARES)}
CROWD = Crowd(1150, MIX, dict.fromkeys(MIX, 28.4))


@pytest.fixture(scope="module")
def trace() -> Trace:
    return imagine(CROWD, 23, seed=1)


def test_there_are_as_many_jobs_as_were_asked_for(trace: Trace) -> None:
    assert len(trace.arrivals) == pytest.approx(1150 * 23, rel=0.1)


def test_sessions_have_four_jobs_on_average(trace: Trace) -> None:
    assert session_mean() == pytest.approx(4.0, rel=0.05)


def test_seconds_are_spread_as_they_were(trace: Trace) -> None:
    seconds = [one.seconds for one in trace.arrivals]
    assert np.percentile(seconds, [50, 90, 99]) == pytest.approx([23, 53, 106], rel=0.08)


def test_a_third_of_the_hours_is_empty_and_the_busiest_ones_are_far_above_the_median(trace: Trace) -> None:
    hours = np.bincount([int(one.at // 3600) for one in trace.arrivals], minlength=23 * 24)
    assert 0.25 < (hours == 0).mean() < 0.5
    assert np.median(hours) < 25
    assert 150 < np.percentile(hours, 95) < 350


def test_arrivals_come_in_bursts(trace: Trace) -> None:
    """Within an hour of a Poisson process, minutes vary as much as their mean; here far more."""
    minutes = np.bincount([int(one.at // 60) for one in trace.arrivals])
    busy = minutes[minutes > 0]
    assert busy.var() / busy.mean() > 1.2


def test_the_favourite_model_has_its_share(trace: Trace) -> None:
    assert trace.shares()["m0"] == pytest.approx(0.31, abs=0.05)


def test_weekends_are_quiet(trace: Trace) -> None:
    days = np.bincount([int(one.at // 86400) for one in trace.arrivals], minlength=23)
    assert days[[5, 6, 12, 13, 19, 20]].mean() < 0.5 * days[[0, 1, 2, 3, 4, 7, 8, 9, 10, 11]].mean()


def test_the_same_seed_makes_the_same_trace() -> None:
    crowd = Crowd(20, {"a": 1.0}, {"a": 5.0})
    assert imagine(crowd, 5, 3) == imagine(crowd, 5, 3)
    assert imagine(crowd, 5, 3) != imagine(crowd, 5, 4)


def test_a_denser_trace_has_the_same_sessions_several_times() -> None:
    twice = Trace.of([Arrival(10.0, "a", 5.0), Arrival(70.0, "a", 6.0)], 7200.0).denser(2)
    assert [one.at for one in twice.arrivals] == [10.0, 70.0, 1810.0, 1870.0]
    assert USUAL.keeps_model == 0.73

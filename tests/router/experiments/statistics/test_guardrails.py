"""Limits that no arm may break, looked at after every job."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from router.experiments.statistics.guardrails import ALARM, read_ratio, read_share


@pytest.mark.parametrize(
    ("limit", "fires"),
    [(0.02, [(2, 3), (3, 10), (5, 20), (7, 50)]), (0.05, [(3, 5), (5, 10), (6, 20)])],
)
def test_failures_fire_at_the_counts_that_are_published_and_not_at_one_fewer(
    limit: float, fires: list[tuple[int, int]]
) -> None:
    for failures, jobs in fires:
        assert read_share("a", "failure", failures, jobs, limit).tripped
        assert not read_share("a", "failure", failures - 1, jobs, limit).tripped


def first_alarm(failed: np.ndarray, limit: float) -> int | None:
    failures = np.cumsum(failed)
    jobs = (n for n in range(1, len(failed) + 1) if failed[n - 1])  # it can fire at a failure alone
    return next((n for n in jobs if read_share("a", "failure", int(failures[n - 1]), n, limit).tripped), None)


@pytest.mark.parametrize(("rate", "middle"), [(0.2, 17), (0.5, 3)])
def test_an_arm_that_fails_is_stopped_within_so_many_jobs(rate: float, middle: int) -> None:
    rng = np.random.default_rng(0)
    found = [first_alarm(rng.random(400) < rate, 0.02) for _ in range(300)]
    assert None not in found
    assert np.median([n for n in found if n is not None]) == pytest.approx(middle, rel=0.2)


def test_an_arm_within_its_limit_is_hardly_ever_stopped() -> None:
    rng = np.random.default_rng(1)
    assert sum(first_alarm(rng.random(1000) < 0.02, 0.02) is not None for _ in range(300)) <= 5


def test_a_limit_of_nothing_allows_nothing() -> None:
    assert read_share("a", "failure", 1, 500, 0.0).tripped
    assert not read_share("a", "failure", 0, 500, 0.0).tripped
    assert not read_share("a", "failure", 0, 0, 0.02).tripped


def test_a_ratio_fires_at_nine_pairs_of_nine_and_says_the_middle_one() -> None:
    slow = [(3.0, 1.0)] * 9
    assert not read_ratio("a", "gpu_seconds", slow[:8], 1.5).tripped
    reading = read_ratio("a", "gpu_seconds", slow, 1.5)
    assert reading.tripped
    assert (reading.value, reading.limit, reading.count) == (3.0, 1.5, 9)
    assert not read_ratio("a", "gpu_seconds", [*slow[:4], (3600.0, 1.0), *[(1.2, 1.0)] * 4], 1.5).tripped
    assert read_ratio("a", "gpu_seconds", [], 1.5).e_value == 1


@pytest.mark.parametrize(
    "seconds",
    [
        lambda rng, n: rng.lognormal(0, 1, n),
        lambda rng, n: rng.exponential(1, n),
        lambda rng, n: 1 + 9 * (rng.random(n) < 0.1),
    ],
    ids=["lognormal", "exponential", "two kinds"],
)
def test_at_its_limit_a_ratio_is_hardly_ever_stopped_whatever_the_seconds(
    seconds: Callable[[np.random.Generator, int], np.ndarray],
) -> None:
    """The arm's seconds are exactly `max_ratio` times as many as the champion's, job by job in no relation."""
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(150):
        ours, theirs = 1.5 * seconds(rng, 200), seconds(rng, 200)
        broken = np.cumsum(ours > 1.5 * theirs)
        counts = range(10, 201, 5)
        alarms += any(
            read_ratio("a", "s", [(2.0, 1.0)] * int(broken[n - 1]) + [(1.0, 1.0)] * int(n - broken[n - 1]), 1.5).e_value
            > ALARM
            for n in counts
        )
    assert alarms <= 3

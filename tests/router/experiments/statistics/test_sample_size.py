"""How many votes a question takes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from router.experiments.statistics.intervals import win_rate
from router.experiments.statistics.sample_size import (
    advise,
    binomial_power,
    clustered_power,
    smallest_found,
    votes_for_power,
)
from tests.router.experiments.statistics.simulated import panel


@pytest.mark.parametrize(
    ("share", "at_80", "at_90"),
    [
        (0.55, 807, 1080),
        (0.60, 210, 274),
        (0.65, 97, 121),
        (0.70, 54, 70),
        (0.75, 35, 42),
        (0.80, 23, 30),
        (0.90, 12, 15),
    ],
)
def test_votes_for_a_power_are_those_of_the_exact_test(share: float, at_80: int, at_90: int) -> None:
    assert votes_for_power(share) == pytest.approx(at_80, rel=0.02)
    assert votes_for_power(share, 0.9) == pytest.approx(at_90, rel=0.02)
    assert votes_for_power(1 - share) == votes_for_power(share)


def test_power_is_scipys() -> None:
    rejected = [k for k in range(98) if stats.binomtest(k, 97).pvalue <= 0.05 and k > 48]
    assert binomial_power(97, 0.65) == pytest.approx(sum(stats.binom.pmf(rejected, 97, 0.65)), abs=1e-12)


@pytest.mark.parametrize(("votes", "share"), [(20, 0.80), (50, 0.705), (100, 0.65), (200, 0.605), (500, 0.565)])
def test_the_smallest_preference_that_votes_find(votes: int, share: float) -> None:
    assert smallest_found(votes) == pytest.approx(share, abs=0.006)


@pytest.mark.parametrize(("raters", "each", "share"), [(5, 20, 0.7), (8, 20, 0.65), (8, 40, 0.65), (20, 20, 0.6)])
def test_power_of_a_panel_is_that_of_its_intervals(raters: int, each: int, share: float) -> None:
    rng = np.random.default_rng(0)
    panels = (panel(rng, raters, each, share, 0.5, 0.5).between("a0", "a1") for _ in range(150))
    found = np.mean([win_rate(votes).interval.low > 0.5 for votes in panels])
    assert clustered_power(raters, each, share) == pytest.approx(found, abs=0.12)


def test_advice_shrinks_as_votes_come_in_and_counts_ties() -> None:
    first, later = advise(0.65, 40, 40, 8, 1.2, 0.05), advise(0.65, 80, 80, 8, 1.2, 0.05)
    assert first.more is not None
    assert later.more is not None
    assert 0 < later.more < first.more
    with_ties = advise(0.65, 40, 60, 8, 1.2, 0.05)
    assert with_ties.more is not None
    assert with_ties.more == pytest.approx(first.more * 1.5, abs=2)


def test_raters_who_differ_too_much_are_told_to_ask_more_people() -> None:
    advice = advise(0.6, 400, 400, 5, 12.0, 0.05)
    assert advice.more is None
    assert advice.raters > 5


def test_no_difference_has_no_number() -> None:
    assert advise(0.5, 200, 200, 8, 1.0, 0.05).more is None
    assert advise(0.5, 0, 0, 0, 1.0, 0.05).more is None

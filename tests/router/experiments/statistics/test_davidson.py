"""Chances of a win and of a tie."""

from __future__ import annotations

import numpy as np
import pytest

from router.experiments.statistics.davidson import fit_ties
from tests.router.experiments.statistics import published
from tests.router.experiments.statistics.simulated import board, from_counts


def test_the_published_tasting_has_its_published_strengths() -> None:
    found = fit_ties(from_counts(published.SPRINGALL, published.TEXTURES), ridge=0)
    assert found.theta == pytest.approx(published.SPRINGALL_STRENGTHS, abs=1e-4)
    assert found.nu == pytest.approx(published.SPRINGALL_TIES, abs=1e-4)


def test_chances_are_what_was_counted_where_two_have_met_often() -> None:
    votes = from_counts({("a", "b"): (500, 200, 300)}, "ab")
    chances = fit_ties(votes).chances("a", "b")
    assert (chances.win, chances.tie, chances.loss) == pytest.approx((0.5, 0.3, 0.2), abs=0.003)
    back = fit_ties(votes).chances("b", "a")
    assert (back.loss, back.tie, back.win) == pytest.approx((chances.win, chances.tie, chances.loss))


def test_no_votes_and_votes_without_ties_are_no_error() -> None:
    votes = board(np.random.default_rng(0), [0.5, 0.0, -0.5], 30)
    for count in (0, 1, 30):
        chances = fit_ties(votes.first(count)).chances("a0", "a2")
        assert chances.win + chances.tie + chances.loss == pytest.approx(1)
        assert 0 < chances.tie < 0.5

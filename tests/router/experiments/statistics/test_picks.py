"""The best of four on a screen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from router.experiments.statistics.bradley_terry import fit
from router.experiments.statistics.pair_choice import Belief
from router.experiments.statistics.picks import Pick, Picks, believe_picks, choose_screen, fit_picks
from router.experiments.statistics.ranks import rank_ranges
from tests.router.experiments.statistics.simulated import Numbers, board, columns


def screens(rng: np.random.Generator, theta: Numbers, count: int, size: int = 4) -> Picks:
    shown = np.array([rng.permutation(len(theta))[:size] for _ in range(count)])
    best = (theta[shown] + rng.gumbel(size=shown.shape)).argmax(axis=1)
    first = np.array([np.r_[row[i], np.delete(row, i)] for row, i in zip(shown, best, strict=True)])
    return Picks(tuple(f"a{i}" for i in range(len(theta))), first, np.arange(count) % 8, np.arange(count))


def test_picks_of_two_are_votes() -> None:
    picks = screens(np.random.default_rng(0), np.array([0.6, 0.1, -0.7]), 200, size=2)
    votes = columns(3, picks.shown[:, 0], picks.shown[:, 1], np.ones(200), picks.rater, picks.prompt)
    by_picks, by_votes = fit_picks(picks), fit(votes, side=False)
    assert by_picks.theta == pytest.approx(by_votes.theta, abs=1e-8)
    assert by_picks.difference(0, 2).width == pytest.approx(by_votes.difference(0, 2).width, rel=1e-8)


def test_strengths_and_ranks_come_out_of_many_screens() -> None:
    theta = np.array([1.0, 0.4, 0.0, -0.4, -1.0])
    strengths = fit_picks(screens(np.random.default_rng(1), theta, 4000))
    assert strengths.theta == pytest.approx(theta, abs=0.15)
    assert rank_ranges(strengths) == ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5))


def test_a_screen_of_four_finds_the_best_more_often_than_a_pair() -> None:
    found = Counter[str]()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        theta = rng.normal(0, 0.6, 6)
        found["four"] += fit_picks(screens(rng, theta, 60)).theta.argmax() == theta.argmax()
        found["two"] += fit(board(rng, list(theta), 60)).theta.argmax() == theta.argmax()
    assert found["four"] > found["two"] + 3


@pytest.mark.slow
def test_screens_are_chosen_with_the_probability_that_is_logged() -> None:
    belief = Belief(tuple("abcde"), np.array([1.0, 0.5, 0.0, 0.0, -1.0]), np.eye(5) * 0.3)
    rng = np.random.default_rng(2)
    seen, said = Counter[frozenset[str]](), {}
    for _ in range(1500):
        shown, probability = choose_screen(belief, "top", rng, size=3)
        seen[frozenset(shown)] += 1
        said[frozenset(shown)] = probability
    assert len(seen) == 10, "each set is shown"
    for chosen, count in seen.items():
        assert count / 1500 == pytest.approx(said[chosen], abs=0.05)
    assert seen[frozenset("abc")] + seen[frozenset("abd")] > 600


def test_few_screens_give_finite_strengths_and_wrong_ones_are_named() -> None:
    arms = tuple("abcde")
    assert np.isfinite(fit_picks(Picks.from_rows([], arms)).theta).all()
    one = Picks.from_rows([Pick(("a", "b", "c", "d"), "b", "r", "p")], arms)
    assert fit_picks(one).theta.argmax() == 1
    assert rank_ranges(fit_picks(one)) is None, "e was never shown"
    assert believe_picks(one).mean.argmax() == 1
    with pytest.raises(ValueError, match="pick 1: 'e' was not shown"):
        Picks.from_rows([Pick(("a", "b", "c", "d"), "e", "r", "p")], arms)

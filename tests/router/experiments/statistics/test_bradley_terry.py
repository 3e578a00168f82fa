"""Strengths from votes: published ones, those of another implementation, and what must not change them."""

from __future__ import annotations

import math

import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.experiments.statistics.bradley_terry import Strengths, fit
from router.experiments.statistics.votes import Votes
from tests.router.experiments.statistics import published
from tests.router.experiments.statistics.simulated import board, columns, from_counts
from tests.short_form import examples

ELO = 400 / math.log(10)


def model_error(strengths: Strengths, one: int, other: int) -> float:
    contrast = np.zeros(len(strengths.information))
    contrast[one], contrast[other] = 1, -1
    return float(np.sqrt(contrast @ strengths.information @ contrast))


def test_journals_have_their_published_strengths_and_errors() -> None:
    votes = from_counts(published.CITATIONS, published.JOURNALS)
    strengths = fit(votes, side=False, ridge=0)
    for journal, (strength, error) in published.CITATION_STRENGTHS.items():
        place = published.JOURNALS.index(journal)
        assert strengths.theta[place] - strengths.theta[0] == pytest.approx(strength, abs=1e-4)
        assert model_error(strengths, place, 0) == pytest.approx(error, abs=1e-4)
    assert fit(votes, side=False).theta == pytest.approx(strengths.theta, abs=0.003), "the ridge is no weight here"


def test_models_of_a_public_arena_have_their_ratings() -> None:
    strengths = fit(from_counts(published.ARENA, published.MODELS), side=False, ridge=0)
    assert 1000 + ELO * strengths.theta == pytest.approx(published.ARENA_RATINGS, abs=0.06)


def test_another_implementation_finds_the_same_with_ties() -> None:
    votes = board(np.random.default_rng(1), [0.9, 0.3, 0.0, -0.4, -0.8], 600, ties=0.2)
    names = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    left, right = ([votes.arms[i] for i in places] for places in (votes.left, votes.right))
    winners = [names[y] for y in votes.outcome]
    found = evalica.bradley_terry(left, right, winners, tolerance=1e-10, limit=10_000).scores
    theirs = np.log(found[list(votes.arms)].to_numpy())
    assert fit(votes, side=False, ridge=0).theta == pytest.approx(theirs - theirs.mean(), abs=1e-5)


@settings(deadline=None, max_examples=examples(25))
@given(seed=st.integers(0, 10_000), count=st.integers(1, 120))
def test_turning_every_pair_around_keeps_strengths_and_turns_the_side(seed: int, count: int) -> None:
    votes = board(np.random.default_rng(seed), [0.5, 0, -0.5], count, side=0.3, ties=0.1)
    seen, turned = fit(votes), fit(votes.turned())
    assert turned.theta == pytest.approx(seen.theta, abs=1e-8)
    assert turned.side == pytest.approx(-seen.side, abs=1e-8)


@settings(deadline=None, max_examples=examples(25))
@given(seed=st.integers(0, 10_000), count=st.integers(1, 120))
def test_the_order_of_votes_does_not_matter(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    votes = board(rng, [0.5, 0, -0.5], count, taste=0.5)
    seen, shuffled = fit(votes), fit(votes.take(rng.permutation(count)))
    assert shuffled.theta == pytest.approx(seen.theta, abs=1e-8)
    assert shuffled.difference(0, 1).width == pytest.approx(seen.difference(0, 1).width, abs=1e-7)


def test_every_vote_twice_tells_the_model_more_and_the_clusters_nothing() -> None:
    votes = board(np.random.default_rng(2), [0.5, 0, -0.5], 400, taste=0.5)
    twice = votes.take(np.repeat(np.arange(400), 2))
    once_fit, twice_fit = fit(votes, ridge=1e-6), fit(twice, ridge=1e-6)
    assert model_error(twice_fit, 0, 1) == pytest.approx(model_error(once_fit, 0, 1) / math.sqrt(2), rel=1e-4)
    assert twice_fit.difference(0, 1).width == pytest.approx(once_fit.difference(0, 1).width, rel=1e-4)


def test_arms_that_won_all_or_nothing_have_finite_strengths() -> None:
    strengths = fit(from_counts({("a", "b"): (9, 0, 0), ("b", "c"): (9, 0, 0)}, "abc"))
    assert np.isfinite(strengths.theta).all()
    assert strengths.theta[0] > strengths.theta[1] > strengths.theta[2]
    assert strengths.difference(0, 2).width > 2, "and are known badly"


def test_a_taste_for_bright_pictures_is_no_strength() -> None:
    """True +.30; the weaker arm is brighter, and people like that."""
    rng = np.random.default_rng(5)
    n = 4000
    left = rng.integers(0, 2, n)
    brightness = rng.normal(np.where(left == 0, -1.0, 1.0), 0.7)
    logit = np.where(left == 0, 0.3, -0.3) + 0.5 * brightness
    outcome = rng.random(n) < 1 / (1 + np.exp(-logit))
    votes = columns(2, left, 1 - left, outcome, np.arange(n) % 12, np.arange(n), brightness)
    plain, styled = fit(votes, covariates=False), fit(votes)
    assert plain.theta[0] - plain.theta[1] < -0.2
    assert styled.difference(0, 1).low < 0.3 < styled.difference(0, 1).high
    assert styled.difference(0, 1).low > 0


def test_a_side_that_people_press_is_found_and_taken_out() -> None:
    strengths = fit(board(np.random.default_rng(6), [0.4, -0.4], 3000, raters=15, side=0.2))
    assert strengths.side_effect().low > 0
    assert strengths.difference(0, 1).low < 0.8 < strengths.difference(0, 1).high


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_few_votes_give_wide_intervals_and_never_none(count: int) -> None:
    votes = board(np.random.default_rng(count), [1.0, 0.0, -1.0], 5).first(count)
    interval = fit(votes).difference(0, 2)
    assert all(map(math.isfinite, (interval.low, interval.value, interval.high)))
    assert interval.width > 2


def test_no_votes_of_no_arms_are_no_error() -> None:
    assert len(fit(Votes.from_rows([])).theta) == 0

"""Which pair, and which side, is shown next."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from router.experiments.statistics.pair_choice import (
    Belief,
    Strategy,
    believe,
    choose_pair,
    choose_sides,
    pair_chances,
)
from tests.router.experiments.statistics.simulated import Numbers, board, columns

ARMS = tuple(f"a{i}" for i in range(5))
PAIRS = list(combinations(ARMS, 2))
KNOWN = Belief(ARMS, np.array([1.0, 0.9, 0.0, -0.5, -1.5]), np.eye(5) * 0.04)


@pytest.mark.parametrize("strategy", ["uniform", "information", "top_two"])
def test_every_pair_may_come_with_the_probability_that_is_logged(strategy: Strategy) -> None:
    rng = np.random.default_rng(0)
    chances = pair_chances(KNOWN, strategy, rng, PAIRS)
    assert chances.sum() == pytest.approx(1)
    assert chances.min() >= 0.2 / len(PAIRS) - 1e-12
    drawn = [choose_pair(KNOWN, strategy, rng) for _ in range(600)]
    for pair, chance in zip(PAIRS, chances, strict=True):
        found = [one.probability for one in drawn if (one.first, one.second) == pair]
        assert len(found) / 600 == pytest.approx(chance, abs=0.07)
        assert found == pytest.approx([chance] * len(found), abs=0.05), "draws of strengths differ a little"


def test_top_two_looks_at_the_two_that_may_be_best() -> None:
    chances = dict(zip(PAIRS, pair_chances(KNOWN, "top_two", np.random.default_rng(1), PAIRS), strict=True))
    assert chances[("a0", "a1")] > 0.7


def test_information_looks_where_least_is_known() -> None:
    covariance = np.diag([0.01, 0.01, 0.01, 2.0, 0.01])
    belief = Belief(ARMS, np.zeros(5), covariance)
    chances = dict(zip(PAIRS, pair_chances(belief, "information", np.random.default_rng(2), PAIRS), strict=True))
    assert min(chance for pair, chance in chances.items() if "a3" in pair) > 0.15


def test_only_what_is_offered_is_chosen() -> None:
    rng = np.random.default_rng(3)
    offered = [("a4", "a3"), ("a2", "a4")]
    chosen = {(one.first, one.second) for one in (choose_pair(KNOWN, "top_two", rng, offered) for _ in range(60))}
    assert chosen == set(offered)
    with pytest.raises(ValueError, match="no pair"):
        choose_pair(KNOWN, "uniform", rng, [])


def test_before_the_first_vote_all_pairs_are_alike() -> None:
    belief = believe(board(np.random.default_rng(0), [0] * 5, 0))
    for strategy in ("uniform", "information"):
        chances = pair_chances(belief, strategy, np.random.default_rng(0), PAIRS)
        assert chances == pytest.approx([0.1] * 10)


def test_sides_are_balanced_for_a_rater_and_a_pair() -> None:
    rng = np.random.default_rng(4)
    left = {"a": 0, "b": 0}
    for shown in range(1, 41):
        left[choose_sides(("a", "b"), left["a"], left["b"], rng)[0]] += 1
        assert abs(left["a"] - left["b"]) <= 1, shown


def find_best(theta: Numbers, strategy: Strategy, votes: int, rng: np.random.Generator) -> bool:
    """Whether the strongest is found; what is believed is renewed after every tenth vote."""
    arms = tuple(f"a{i}" for i in range(len(theta)))
    pairs = list(combinations(range(len(theta)), 2))
    named = [(arms[i], arms[j]) for i, j in pairs]
    shown, won = np.zeros((votes, 2), int), np.zeros(votes)

    def cast(count: int) -> Belief:
        rows = np.arange(count)
        return believe(columns(len(theta), shown[rows, 0], shown[rows, 1], won[rows], rows * 0, rows))

    for start in range(0, votes, 10):
        chances = pair_chances(cast(start), strategy, rng, named)
        for place in range(start, start + 10):
            one, other = shown[place] = pairs[rng.choice(len(pairs), p=chances)]
            won[place] = rng.random() < 1 / (1 + np.exp(theta[other] - theta[one]))
    return bool(cast(votes).mean.argmax() == theta.argmax())


@pytest.mark.long
def test_top_two_finds_the_best_of_six_more_often_than_even_choices() -> None:
    theta = np.array([0.6, 0.25, 0.1, -0.1, -0.3, -0.55])
    found = {
        strategy: np.mean([find_best(theta, strategy, 240, np.random.default_rng(seed)) for seed in range(120)])
        for strategy in ("uniform", "top_two")
    }
    assert 0.68 <= found["uniform"] <= 0.88
    assert found["top_two"] >= found["uniform"] + 0.05

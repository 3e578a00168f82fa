"""A judge's help: fewer votes where it is right, and no harm where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from router.experiments.statistics.judged import JudgedPair, JudgedShare, chances_between, judged_share
from tests.router.experiments.statistics.simulated import columns

TRUTH = 0.6


def study(
    rng: np.random.Generator, agreement: float, always_left: float = 0.0, n: int = 100, others: int = 2000
) -> JudgedShare:
    """People prefer the first arm in 60 % of pairs; the judge says what they say in a share `agreement` of all."""
    people = rng.random(n + others) < TRUTH
    judge = np.where(rng.random(n + others) < agreement, people, ~people)
    judge = np.where(rng.random(n + others) < always_left, 1.0, judge)
    votes = columns(2, np.zeros(n), np.ones(n), people[:n], np.arange(n) % 20, np.arange(n))
    found = judged_share(replace(votes, judged=judge[:n]), judge[n:])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("agreement", "always_left", "least", "most"),
    [
        (0.5, 0, 0.95, 1.1),
        (0.1, 0, 1.0, 1.0),
        (0.7, 0, 1.1, 1.3),
        (0.8, 0, 1.4, 1.7),
        (0.9, 0, 2.2, 3),
        (0.8, 0.2, 1.2, 1.5),
    ],
    ids=["useless", "inverted", "70 %", "80 %", "90 %", "biased"],
)
def test_a_judge_is_worth_votes_as_it_agrees_and_never_hides_the_truth(
    agreement: float, always_left: float, least: float, most: float
) -> None:
    rng = np.random.default_rng(1)
    found = [study(rng, agreement, always_left) for _ in range(250)]
    held = np.mean([one.interval.low <= TRUTH <= one.interval.high for one in found])
    assert held > 0.92
    assert least <= float(np.median([one.worth for one in found])) <= most


def test_a_judge_that_goes_the_wrong_way_has_no_weight() -> None:
    assert study(np.random.default_rng(0), 0.1).weight == 0


def test_too_few_votes_or_pairs_have_no_judged_share() -> None:
    votes = columns(2, np.zeros(10), np.ones(10), np.ones(10), np.arange(10), np.arange(10))
    assert judged_share(votes, np.ones(100)) is None, "no judge has seen the pairs"
    assert judged_share(replace(votes, judged=np.ones(10)), np.ones(100)) is None


def test_chances_are_turned_to_the_arm_that_is_asked_about() -> None:
    pairs = [JudgedPair("a", "b", 0.8), JudgedPair("b", "a", 0.3), JudgedPair("a", "c", 0.9)]
    assert chances_between(pairs, "a", "b") == pytest.approx([0.8, 0.7])

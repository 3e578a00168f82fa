"""Shares of two arms: intervals that hold the truth as often as they say, few votes included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from router.experiments.statistics.distributions import normal_quantile
from router.experiments.statistics.intervals import wilson, win_rate
from router.experiments.statistics.votes import Vote, Votes
from tests.router.experiments.statistics.simulated import middle_share, panel


def rate_of(*rows: tuple[str, str, str]) -> Votes:
    """Rows of (choice, rater, prompt) on a beside b."""
    return Votes.from_rows([Vote("a", "b", choice, rater, prompt) for choice, rater, prompt in rows], "ab")  # type: ignore[arg-type]


@pytest.mark.parametrize(("wins", "of"), [(0, 5), (3, 10), (10, 10), (40, 50)])
def test_wilsons_interval_is_scipys(wins: int, of: int) -> None:
    interval, theirs = (
        wilson(wins / of, of, normal_quantile(0.975)),
        stats.binomtest(wins, of).proportion_ci(0.95, "wilson"),
    )
    assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_two_way_variance_is_that_of_the_formula() -> None:
    """By hand: sums of residuals over raters, over prompts, and over both."""
    votes = panel(np.random.default_rng(1), 6, 12, 0.6, taste=1.5, prompts=0.5).between("a0", "a1")
    residual = votes.outcome - votes.outcome.mean()

    def part(cluster: np.ndarray) -> float:
        sums = [residual[cluster == c].sum() for c in np.unique(cluster)]
        return float(np.square(sums).sum() / len(residual) ** 2 * len(sums) / (len(sums) - 1))

    by_rater, by_prompt, by_vote = part(votes.rater), part(votes.prompt), part(np.arange(len(residual)))
    variance = max(by_rater + by_prompt - by_vote, by_rater, by_prompt)
    found = win_rate(votes)
    assert found.method == "two-way"
    assert found.interval.width / 2 == pytest.approx(stats.t.ppf(0.975, 5) * math.sqrt(variance), rel=1e-9)
    assert found.design_effect == pytest.approx(variance / (votes.outcome.var() / len(residual)), rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "method"),
    [
        ([], "votes"),
        ([("left", "r", "p")], "votes"),
        ([("left", "r", "p"), ("right", "r", "p")], "votes"),
        ([("left", "r", "p"), ("left", "r", "q")], "prompt"),
        ([("left", "r", "p"), ("left", "s", "p")], "rater"),
        ([("tie", "r", "p"), ("both_bad", "s", "q")], "two-way"),
        ([("left", f"r{i}", f"p{i}") for i in range(40)], "two-way"),
        ([("tie", f"r{i}", f"p{i}") for i in range(40)], "two-way"),
    ],
)
def test_any_votes_have_an_interval_that_says_how_it_came_about(rows: list[tuple[str, str, str]], method: str) -> None:
    found = win_rate(rate_of(*rows))
    assert found.method == method
    assert 0 <= found.interval.low <= found.interval.value <= found.interval.high <= 1
    assert found.interval.width > (0.5 if len(rows) < 3 else 0.05)
    assert found.design_effect >= 1


def test_one_fan_counts_no_more_than_anybody_else() -> None:
    """80 of 199 votes are one fan's, who always prefers a; the others are undecided."""
    rng = np.random.default_rng(3)
    rows = [("left", "fan", f"p{i}") for i in range(80)]
    rows += [(str(rng.choice(["left", "right"])), f"r{i % 7}", f"p{i}") for i in range(119)]
    pooled, equal = win_rate(rate_of(*rows)), win_rate(rate_of(*rows), equal_raters=True)
    assert pooled.interval.value > 0.65
    assert equal.interval.value < 0.6
    assert equal.interval.low < 0.5 < equal.interval.high


def test_every_vote_twice_makes_no_interval_smaller() -> None:
    votes = panel(np.random.default_rng(4), 8, 25, 0.6, taste=0.5).between("a0", "a1")
    twice = votes.take(np.repeat(np.arange(len(votes)), 2))
    assert win_rate(twice).interval.width == pytest.approx(win_rate(votes).interval.width, rel=1e-9)


@pytest.mark.parametrize(
    ("raters", "each", "taste", "prompts"), [(8, 25, 0.5, 0.0), (8, 25, 0.5, 0.7), (5, 20, 1.0, 0.5)]
)
def test_intervals_hold_the_truth_where_raters_and_prompts_differ(
    raters: int, each: int, taste: float, prompts: float
) -> None:
    rng, truth = np.random.default_rng(7), middle_share(0.6, math.hypot(taste, prompts))
    held = pooled = 0
    for _ in range(400):
        votes = panel(rng, raters, each, 0.6, taste, prompts).between("a0", "a1")
        interval = win_rate(votes).interval
        held += interval.low <= truth <= interval.high
        naive = wilson(interval.value, len(votes), normal_quantile(0.975))
        pooled += naive.low <= truth <= naive.high
    assert 0.92 <= held / 400 <= 0.995
    assert pooled / 400 < 0.86, "pooled votes promise too much"


@pytest.mark.parametrize("n", [49, 107, 240])
def test_votes_that_all_say_the_same_have_a_narrow_interval(n: int) -> None:
    """Their weights, each 1 / n, do not sum to 1 exactly for such n."""
    found = win_rate(rate_of(*(("left", f"r{number % 5}", f"p{number}") for number in range(n)))).interval
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low > 0.85

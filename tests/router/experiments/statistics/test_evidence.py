"""Evidence that may be looked at after every vote."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from router.experiments.statistics.distributions import normal_quantile
from router.experiments.statistics.evidence import PRIOR, confidence_sequence, log_e_above, log_e_value
from router.experiments.statistics.intervals import wilson


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (7, 3), (60, 40), (3.5, 1.25)])
def test_the_bet_is_the_likelihood_over_all_chances(wins: float, losses: float) -> None:
    def bet(p: float) -> float:
        return float(stats.beta.pdf(p, PRIOR, PRIOR) * p**wins * (1 - p) ** losses * 2 ** (wins + losses))

    assert math.exp(log_e_value(wins, losses)) == pytest.approx(integrate.quad(bet, 0, 1)[0], rel=1e-8)


@pytest.mark.parametrize(("hits", "trials", "limit"), [(0, 10, 0.02), (2, 3, 0.02), (6, 20, 0.05), (9, 9, 0.5)])
def test_the_bet_above_a_limit_is_the_likelihood_over_all_above_it(hits: int, trials: int, limit: float) -> None:
    def bet(p: float) -> float:
        return float((p / limit) ** hits * ((1 - p) / (1 - limit)) ** (trials - hits) / (1 - limit))

    assert math.exp(log_e_above(hits, trials, limit)) == pytest.approx(integrate.quad(bet, limit, 1)[0], rel=1e-8)


def test_a_sequence_is_wider_than_an_interval_for_one_look() -> None:
    assert confidence_sequence(50, 50).width == pytest.approx(0.28, abs=0.01)
    assert wilson(0.5, 100, normal_quantile(0.975)).width == pytest.approx(0.19, abs=0.01)


def test_a_sequence_ends_where_the_evidence_is_enough() -> None:
    found = confidence_sequence(70, 30)
    assert log_e_value(70, 30, found.low) == pytest.approx(math.log(20), abs=1e-6)
    assert log_e_value(70, 30, found.high) == pytest.approx(math.log(20), abs=1e-6)
    assert found.low > 0.5, "as is the evidence against one half"
    empty, all_won = confidence_sequence(0, 0), confidence_sequence(10, 0)
    assert (empty.low, empty.high, all_won.high) == (0, 1, 1)


@pytest.mark.parametrize("truth", [0.5, 0.65])
def test_the_truth_is_in_every_sequence_and_not_in_every_interval(truth: float) -> None:
    """Of 300 votes, looked at after each of them from the tenth on."""
    rng = np.random.default_rng(0)
    studies, looks = 150, range(10, 301, 3)
    always = running = 0
    for _ in range(studies):
        wins = np.cumsum(rng.random(300) < truth)
        bar = -math.log(0.05)
        always += all(log_e_value(int(wins[n - 1]), int(n - wins[n - 1]), truth) < bar for n in looks)
        intervals = (wilson(float(wins[n - 1] / n), n, normal_quantile(0.975)) for n in looks)
        running += all(interval.low <= truth <= interval.high for interval in intervals)
    assert always / studies > 0.93
    assert running / studies < 0.75


def test_peeking_at_a_test_finds_what_is_not_there_and_the_evidence_does_not() -> None:
    """A z-test after each of 300 votes "wins" in a third of the studies in which there is nothing."""
    rng = np.random.default_rng(1)
    n = np.arange(1, 301)
    wins = np.cumsum(rng.random((1000, 300)) < 0.5, axis=1)
    z = np.abs(wins - n / 2) / np.sqrt(n / 4)
    peeked = (z[:, 9:] > 1.96).any(axis=1).mean()
    log_e = np.array([[log_e_value(w, k) for k in range(301)] for w in range(301)])
    evident = (log_e[wins, n - wins] >= math.log(20)).any(axis=1).mean()
    assert 0.25 < peeked < 0.4
    assert evident < 0.05

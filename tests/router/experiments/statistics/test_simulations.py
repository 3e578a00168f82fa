"""How often intervals hold and alarms are false, in thousands of studies whose truth is known. Short forms of these are
in the tests of each module."""

from __future__ import annotations

import math

import numpy as np
import pytest

from router.experiments.statistics.bradley_terry import fit
from router.experiments.statistics.evidence import log_e_value
from router.experiments.statistics.guardrails import read_share
from router.experiments.statistics.intervals import win_rate
from router.experiments.statistics.sample_ratio import ALARM, sample_ratio_e
from router.experiments.statistics.stopping import weigh
from tests.router.experiments.statistics.simulated import board, middle_share, panel

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("share", "taste", "prompts"), [(0.5, 0.5, 0.0), (0.65, 0.5, 0.0), (0.65, 1.0, 0.0), (0.65, 0.5, 0.7)]
)
def test_shares_of_eight_raters_with_25_votes_each(share: float, taste: float, prompts: float) -> None:
    rng, truth = np.random.default_rng(0), middle_share(share, math.hypot(taste, prompts))
    intervals = (win_rate(panel(rng, 8, 25, share, taste, prompts).between("a0", "a1")).interval for _ in range(2000))
    held = np.mean([interval.low <= truth <= interval.high for interval in intervals])
    assert 0.925 <= held <= 0.975


@pytest.mark.parametrize("votes", [150, 600])
def test_differences_of_five_arms(votes: int) -> None:
    theta = [0.6, 0.3, 0.0, -0.3, -0.6]
    held = []
    for seed in range(700):
        strengths = fit(board(np.random.default_rng(seed), theta, votes, raters=10))
        interval = strengths.difference(0, 2)
        held.append(interval.low <= 0.6 <= interval.high)
    assert 0.92 <= np.mean(held) <= 0.985


def test_evidence_of_independent_votes_looked_at_after_each_of_a_thousand() -> None:
    rng, bar = np.random.default_rng(1), math.log(20)
    edges = [min((k for k in range(n // 2, n + 1) if log_e_value(k, n - k) >= bar), default=n + 1) for n in range(1001)]
    wins = np.cumsum(rng.random((4000, 1000)) < 0.5, axis=1)
    n = np.arange(1, 1001)
    rejected = (np.maximum(wins, n - wins) >= np.array(edges)[1:]).any(axis=1).mean()
    assert 0.02 < rejected < 0.05


@pytest.mark.parametrize(("taste", "most"), [(0.5, 0.065), (1.0, 0.07)])
def test_evidence_of_eight_raters_whose_tastes_differ(taste: float, most: float) -> None:
    rejected = 0
    for seed in range(500):
        votes = panel(np.random.default_rng(seed), 8, 40, 0.5, taste).between("a0", "a1")
        rejected += any(weigh(votes.first(8 * rounds)).log_e >= math.log(20) for rounds in range(4, 41))
    assert rejected / 500 < most


@pytest.mark.parametrize(("raters", "power"), [(8, 0.73), (16, 0.88)])
def test_evidence_finds_a_preference_of_two_in_three_in_320_votes(raters: int, power: float) -> None:
    found = 0
    for seed in range(200):
        votes = panel(np.random.default_rng(seed), raters, 320 // raters, 0.66, 0.5).between("a0", "a1")
        rounds = range(32 // raters, 320 // raters + 1, max(1, 16 // raters))
        found += any(weigh(votes.first(raters * r)).log_e >= math.log(20) for r in rounds)
    assert found / 200 == pytest.approx(power, abs=0.1)


def test_units_that_are_shared_out_fairly_looked_at_after_each_of_a_thousand() -> None:
    units = 1000
    alarming = np.zeros((units + 1, units + 1), bool)
    for n in range(20, units + 1):
        for k in range(n // 2 + 1):  # e-values grow away from the middle
            if sample_ratio_e([k, n - k], [1, 1]) < ALARM:
                break
            alarming[n, k] = alarming[n, n - k] = True
    rng = np.random.default_rng(2)
    first = np.cumsum(rng.random((4000, units)) < 0.5, axis=1)
    assert alarming[np.arange(1, units + 1), first].any(axis=1).mean() < 0.005


def test_arms_that_fail_as_often_as_they_may() -> None:
    rng, alarms = np.random.default_rng(3), 0
    for _ in range(1500):
        failed = np.flatnonzero(rng.random(1000) < 0.02)
        alarms += any(read_share("a", "failure", k, int(job) + 1, 0.02).tripped for k, job in enumerate(failed, 1))
    assert alarms / 1500 < 0.01

"""Ranks that are sure."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from router.experiments.statistics.bradley_terry import fit
from router.experiments.statistics.ranks import rank_ranges
from tests.router.experiments.statistics.simulated import board, from_counts


def test_clear_strengths_have_one_rank_each_and_close_ones_share() -> None:
    strengths = fit(board(np.random.default_rng(0), [1.2, 0.05, -0.05, -1.2], 4000, raters=12))
    assert rank_ranges(strengths) == ((1, 1), (2, 3), (2, 3), (4, 4))


def test_a_disconnected_graph_has_no_ranks() -> None:
    assert rank_ranges(fit(from_counts({("a", "b"): (9, 3, 0), ("c", "d"): (5, 4, 1)}, "abcd"))) is None


def test_one_arm_is_first() -> None:
    assert rank_ranges(fit(from_counts({}, "a"))) == ((1, 1),)


def test_six_equal_arms_are_hardly_ever_told_apart() -> None:
    """Some of the 15 pairs differs "significantly" in a fifth of such boards where nothing is adjusted."""
    studies = 150
    raw = adjusted = 0
    for seed in range(studies):
        strengths = fit(board(np.random.default_rng(seed), [0.0] * 6, 600, raters=12))
        intervals = [strengths.difference(a, b) for a, b in combinations(range(6), 2)]
        raw += any(not interval.low <= 0 <= interval.high for interval in intervals)
        ranges = rank_ranges(strengths)
        assert ranges is not None
        adjusted += any(ends != (1, 6) for ends in ranges)
    assert raw / studies > 0.12
    assert adjusted / studies < 0.06

"""Whole results from votes: what a page shows, whatever the votes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from router.experiments.statistics.guardrails import read_share
from router.experiments.statistics.results import Results, find_results
from router.experiments.statistics.stopping import StopRule
from router.experiments.statistics.votes import Vote, Votes
from tests.router.experiments.statistics.simulated import board, from_counts, panel


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for inner in value.values() for n in numbers(inner)]
    if isinstance(value, list | tuple):
        return [n for inner in value for n in numbers(inner)]
    return [value] if isinstance(value, float) else []


def test_a_clear_preference_is_decided_in_a_sentence() -> None:
    votes = panel(np.random.default_rng(0), 9, 40, 0.72, taste=0.3, ties=0.1)
    results = find_results(votes, "a1")
    assert results.decision == "prefer:a0"
    assert results.stop
    challenger, champion = results.arms
    assert champion.share is None
    assert challenger.share is not None
    assert challenger.share.low < 0.70 < challenger.share.high
    assert (challenger.rank, champion.rank) == ((1, 1), (2, 2))
    assert challenger.wins == champion.losses
    low, value, high = (round(100 * s) for s in (challenger.share.low, challenger.share.value, challenger.share.high))
    assert results.verdict == f"a0 preferred {value} %, {low}-{high}, 360 votes, 9 raters; decided for a0"


def test_until_then_the_sentence_says_about_how_many_more() -> None:
    votes = panel(np.random.default_rng(3), 9, 9, 0.64, ties=0.1)
    results = find_results(votes, "a1")
    assert results.decision == "undecided"
    assert not results.stop
    assert results.more_votes is not None
    assert results.verdict.startswith("a0 preferred ")
    assert results.verdict.endswith(" more")


@pytest.mark.parametrize("count", range(8))
def test_few_votes_give_numbers_and_no_decision(count: int) -> None:
    votes = board(np.random.default_rng(count), [0.5, 0.0, -0.5], 8).first(count)
    results = find_results(votes, "a1")
    assert results.decision == "undecided"
    assert all(map(math.isfinite, numbers(results.model_dump())))
    assert Results.model_validate_json(results.model_dump_json()) == results


def test_arms_that_never_met_have_no_ranks_and_the_notes_say_so() -> None:
    votes = from_counts({("a", "b"): (9, 3, 0), ("c", "d"): (5, 4, 1)}, "abcd")
    results = find_results(votes, "a")
    assert [arm.rank for arm in results.arms] == [None] * 4
    assert [arm.diff is not None for arm in results.arms] == [False, True, False, False]
    assert results.notes[0] == "No votes connect c, d with a: there are no ranks yet."


def test_an_alarm_suspends_whatever_the_votes_say() -> None:
    votes = panel(np.random.default_rng(0), 9, 40, 0.72)
    assert find_results(votes, "a1", srm_e=2000).decision == "suspended"
    failing = read_share("a0", "failure", 5, 20, 0.02)
    results = find_results(votes, "a1", guardrails=[failing])
    assert results.decision == "suspended"
    assert results.notes[0] == "a0: failure is 0.25, over its limit of 0.02."
    assert "suspended" in results.verdict


def test_two_of_a_kind_are_equal_at_the_end() -> None:
    votes = panel(np.random.default_rng(2), 12, 40, 0.5, ties=0.3)
    results = find_results(votes, "a1", StopRule(max_votes=480))
    assert (results.decision, results.stop) == ("equal", True)
    assert results.verdict.startswith("a0 and a1 are equal: ")


def test_one_rater_decides_nothing() -> None:
    rows = [Vote("a", "b", "left", "ann", f"p{i}") for i in range(200)]
    results = find_results(Votes.from_rows(rows, "ab"), "b")
    assert results.decision == "undecided"
    assert "1 rater has voted" in results.notes[0]


def test_a_champion_that_is_no_arm_is_refused() -> None:
    with pytest.raises(ValueError, match="champion: no arm 'z'; there are a0, a1"):
        find_results(panel(np.random.default_rng(0), 2, 2), "z")

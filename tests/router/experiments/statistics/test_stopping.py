"""When an experiment has said enough."""

from __future__ import annotations

import math

import numpy as np
import pytest

from router.experiments.statistics.stopping import StopRule, look, votes_needed, weigh, whole_rounds
from router.experiments.statistics.votes import Vote, Votes
from tests.router.experiments.statistics.simulated import panel

RULE = StopRule()


def test_a_preference_is_found_and_turned_around_it_is_the_opposite() -> None:
    votes = panel(np.random.default_rng(0), 8, 20, 0.75, taste=0.3)
    assert look(votes, "a0", "a1", RULE).outcome == "better"
    assert look(votes, "a1", "a0", RULE).outcome == "worse"


def test_nothing_is_said_before_so_many_votes_of_so_many_raters() -> None:
    votes = panel(np.random.default_rng(0), 8, 20, 0.99)
    assert look(votes.first(24), "a0", "a1", RULE).e_value > 20
    assert look(votes.first(24), "a0", "a1", RULE).outcome == "open"
    assert look(votes, "a0", "a1", StopRule(min_raters=9)).outcome == "open"
    assert look(votes, "a0", "a1", RULE).outcome == "better"


def test_ties_say_nothing_of_who_is_better() -> None:
    votes = panel(np.random.default_rng(1), 8, 20, 0.7, ties=0.3)
    found = look(votes, "a0", "a1", RULE)
    assert found.decisive == int((votes.outcome != 0.5).sum())


def test_only_whole_rounds_are_looked_at() -> None:
    votes = panel(np.random.default_rng(2), 8, 10, 0.7)
    for count in range(40, 48):
        assert len(whole_rounds(votes.first(count))) == 40
    early = [look(votes.first(count), "a0", "a1", RULE).e_value for count in range(40, 48)]
    assert early == [early[0]] * 8


def test_votes_of_few_tastes_count_for_less() -> None:
    """The same 160 votes: of people who are alike, and of three who always prefer a and five who are torn."""
    alike = panel(np.random.default_rng(3), 8, 20, 0.7)
    rng = np.random.default_rng(4)
    rows = [
        Vote("a0", "a1", "left" if r < 3 or rng.random() < 0.52 else "right", f"r{r}", f"p{p}")
        for p in range(20)
        for r in range(8)
    ]
    apart = Votes.from_rows(rows)
    assert weigh(alike.between("a0", "a1")).design_effect < 1.7
    assert weigh(apart.between("a0", "a1")).design_effect > 3


def test_arms_that_are_alike_are_equal_within_the_margin() -> None:
    votes = panel(np.random.default_rng(5), 20, 60, 0.5)
    assert look(votes, "a0", "a1", RULE).outcome == "equal"
    assert look(votes.first(200), "a0", "a1", RULE).outcome == "open"
    assert look(votes, "a0", "a1", StopRule(margin=0.01)).outcome == "open"


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.6, 182, 325), (0.65, 79, 140), (0.7, 47, 77), (0.75, 31, 50), (0.8, 23, 37)]
)
def test_votes_that_are_still_needed_lie_between_the_middle_study_and_most(share: float, least: int, most: int) -> None:
    assert least <= votes_needed(share, 0, 0.05) <= most


def test_no_preference_needs_endless_votes() -> None:
    assert votes_needed(0.5, 100, 0.05) == math.inf


def test_looking_after_every_round_errs_as_often_as_was_said() -> None:
    """Raters' tastes spread by one logit, so that eight of them often lean to one side; looked at after each round, at
    e >= 20, as if each vote were another person's it would err in a third of the studies."""
    corrected = naive = 0
    for seed in range(120):
        votes = panel(np.random.default_rng(seed), 8, 40, 0.5, taste=1.0).between("a0", "a1")
        found = [weigh(votes.first(8 * rounds)) for rounds in range(4, 41, 2)]
        corrected += any(one.log_e >= math.log(20) for one in found)
        naive += any(_pooled(votes, 8 * rounds) >= math.log(20) for rounds in range(4, 41, 2))
    assert corrected / 120 <= 0.08
    assert naive / 120 > 0.2


def _pooled(votes: Votes, count: int) -> float:
    from router.experiments.statistics.evidence import log_e_value

    wins = float(votes.outcome[:count].sum())
    return log_e_value(wins, count - wins)

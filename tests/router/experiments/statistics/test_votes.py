"""Columns of votes from rows, and rows that are refused."""

from __future__ import annotations

import pytest

from router.experiments.statistics.votes import Vote, Votes


def test_a_tie_and_both_bad_are_half_a_win_and_checks_are_left_out() -> None:
    rows = [
        Vote("a", "b", "left", "ann", "owl"),
        Vote("b", "a", "both_bad", "bob", "owl"),
        Vote("b", "a", "right", "ann", "fox"),
        Vote("a", "b", "right", "ann", "fox", check="repeat"),
        Vote("a", "b", "tie", "ann", "cat"),
    ]
    votes = Votes.from_rows(rows)
    assert votes.outcome.tolist() == [1, 0.5, 0, 0.5]
    assert votes.both_bad.tolist() == [False, True, False, False]
    assert votes.between("a", "b").outcome.tolist() == [1, 0.5, 1, 0.5]
    assert votes.between("b", "a").outcome.tolist() == [0, 0.5, 0, 0.5]
    assert votes.raters == ("ann", "bob")
    assert votes.prompts == ("owl", "fox", "cat")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Vote("a", "c", "left", "r", "p"), "vote 2: no arm 'c'; there are a, b"),
        (Vote("a", "a", "left", "r", "p"), "vote 2: 'a' stands beside itself"),
        (Vote("a", "b", "skip", "r", "p"), "vote 2: choice 'skip' is none of left, right, tie, both_bad"),  # type: ignore[arg-type]
        (Vote("a", "b", "left", "r", "p", covariates=(1.0,)), "vote 2: 1 covariates, where there are 0 names"),
    ],
)
def test_a_row_that_is_no_vote_is_named(row: Vote, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Votes.from_rows([Vote("a", "b", "left", "r", "p"), row], arms="ab")

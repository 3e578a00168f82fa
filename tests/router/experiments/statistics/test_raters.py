"""What a rater's votes say of the rater."""

from __future__ import annotations

import numpy as np
import pytest

from router.experiments.statistics.agreement import reliability
from router.experiments.statistics.raters import report_raters
from router.experiments.statistics.votes import Choice, Vote


def rows_of(rater: str, choices: list[Choice], dwell: int = 2000) -> list[Vote]:
    """Sides are balanced."""
    arms = [("a", "b"), ("b", "a")]
    return [Vote(*arms[i % 2], choice, rater, f"p{i}", dwell_ms=dwell) for i, choice in enumerate(choices)]


def test_who_always_presses_left_and_who_does_not_look_are_flagged() -> None:
    rng = np.random.default_rng(0)
    fair: list[Choice] = ["left" if rng.random() < 0.5 else "right" for _ in range(40)]
    rows = rows_of("lefty", ["left"] * 20) + rows_of("hasty", fair, dwell=300) + rows_of("steady", fair)
    hasty, lefty, steady = report_raters(rows)
    assert lefty.flags == ("presses left in 20 of 20 votes",)
    assert hasty.flags == ("looks at a pair for 300 ms",)
    assert steady.flags == ()
    assert lefty.left == 1.0


def test_repeats_with_sides_swapped_count_the_arm_and_not_the_side() -> None:
    rows = []
    for i in range(10):
        rows.append(Vote("a", "b", "left", "ann", f"p{i}"))
        rows.append(Vote("b", "a", "right", "ann", f"p{i}", check="repeat"))
        rows.append(Vote("a", "b", "left", "bob", f"p{i}"))
        rows.append(Vote("b", "a", "left" if i < 6 else "right", "bob", f"p{i}", check="repeat"))
    ann, bob = report_raters(rows)
    assert (ann.alike, ann.reliability, ann.flags) == (1.0, 1.0, ())
    assert bob.alike == 0.4
    assert bob.flags == ("answers 4 of 10 repeated pairs as before",)
    assert ann.votes == 10, "checks are no votes"


def test_gold_pairs_have_a_better_side() -> None:
    rows = [
        Vote("a", "b", "left", "ann", f"g{i}", check="gold", expected="left" if i < 3 else "right") for i in range(6)
    ]
    (ann,) = report_raters(rows)
    assert ann.gold == 0.5
    assert ann.flags == ("finds the better picture in 3 of 6 pairs where it is known",)


def test_consistency_tells_reliability() -> None:
    assert reliability(0.8) == pytest.approx(0.887, abs=0.001)
    assert reliability(1.0) == 1.0
    assert reliability(0.3) == 0.5

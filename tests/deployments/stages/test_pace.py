"""Estimates of work whose time does not grow with the picture are those of its size, or of a guess that has learned."""

from __future__ import annotations

import pytest

from deployments.stages.pace import expected_seconds, learned_seconds
from router.rates import Rates


def rates(*seen: tuple[float, float, float]) -> Rates:
    """What is known after work on pictures of so many megapixels, guessed at and taken seconds."""
    known = Rates()
    for megapixels, guess, seconds in seen:
        for learned in learned_seconds("clean", megapixels, guess, seconds):
            known.observe(learned.work, learned.seconds)
    return known


def test_a_guess_stands_until_something_is_known() -> None:
    assert expected_seconds(Rates(), "clean", 1.0, 3.0) == 3.0


def test_what_took_so_long_at_a_size_is_expected_to_again() -> None:
    known = rates((0.25, 1.0, 2.0), (4.0, 4.0, 4.0))
    assert expected_seconds(known, "clean", 0.25, 1.0) == pytest.approx(2.0)
    assert expected_seconds(known, "clean", 4.0, 4.0) == pytest.approx(4.0)


def test_a_machine_that_is_slower_than_guessed_is_so_at_other_sizes_too() -> None:
    known = rates(*[(0.25, 1.0, 3.0)] * 3)
    assert expected_seconds(known, "clean", 1.0, 1.5) == pytest.approx(4.5)


def test_other_work_is_not_touched() -> None:
    assert expected_seconds(rates((1.0, 1.0, 9.0)), "finish png", 1.0, 2.0) == 2.0

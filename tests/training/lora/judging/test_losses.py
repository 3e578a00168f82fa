"""What the losses of held-out pictures say of a run."""

from __future__ import annotations

import math

import pytest

from training.lora.judging.losses import best_step, late, overfit

RUN = {0: {0.1: 0.9, 0.9: 0.5}, 100: {0.1: 0.5, 0.9: 0.1}, 200: {0.1: 0.7, 0.9: 0.2}}


def test_it_is_one_while_the_loss_falls_and_more_when_it_has_risen() -> None:
    assert overfit(RUN, 0) == overfit(RUN, 100) == 1
    assert overfit(RUN, 200) == pytest.approx(0.9 / 0.6)


def test_a_later_fall_does_not_speak_against_an_earlier_checkpoint() -> None:
    assert overfit({**RUN, 300: {0.1: 0.1, 0.9: 0.1}}, 100) == 1


def test_a_loss_below_which_the_base_already_was_counts() -> None:
    assert overfit({0: {0.5: 0.2}, 50: {0.5: 0.3}}, 50) == pytest.approx(1.5)


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert overfit(RUN, 150) is None
    assert overfit({100: {0.5: math.nan}}, 100) is None
    assert overfit({50: {0.5: math.nan}, 100: {0.5: 0.3}}, 100) == 1


def test_the_best_step_is_that_of_the_least_mean_and_noise_is_told_apart() -> None:
    assert best_step(RUN) == 100
    assert best_step({**RUN, 300: {0.5: math.nan}}) == 100
    assert late(RUN[200]) == 0.2

"""Whether units were shared out as the weights say."""

from __future__ import annotations

import numpy as np
import pytest

from router.experiments.statistics.sample_ratio import ALARM, sample_ratio_e


def first_alarm(
    rng: np.random.Generator, share: float, units: int, weights: tuple[float, float] = (1, 1)
) -> int | None:
    first = np.cumsum(rng.random(units) < share)
    return next(
        (
            n
            for n in range(20, units + 1)
            if sample_ratio_e([int(first[n - 1]), int(n - first[n - 1])], weights) >= ALARM
        ),
        None,
    )


@pytest.mark.parametrize(("share", "middle"), [(0.6, 427), (2 / 3, 148)])
def test_a_mismatch_is_seen_after_so_many_units(share: float, middle: int) -> None:
    rng = np.random.default_rng(0)
    found = [first_alarm(rng, share, 2500) for _ in range(60)]
    assert np.median([n for n in found if n is not None]) == pytest.approx(middle, rel=0.2)


def test_a_fair_share_sets_off_no_alarm() -> None:
    rng = np.random.default_rng(1)
    assert sum(first_alarm(rng, 0.7, 600, (7, 3)) is not None for _ in range(100)) <= 1


def test_the_order_of_arms_and_the_scale_of_weights_do_not_matter() -> None:
    assert sample_ratio_e([50, 30, 20], [5, 3, 2]) == pytest.approx(sample_ratio_e([20, 50, 30], [0.2, 0.5, 0.3]))
    assert sample_ratio_e([50, 30, 20], [5, 3, 2]) < 1 < sample_ratio_e([80, 10, 10], [5, 3, 2])


def test_a_unit_in_an_arm_without_a_weight_is_an_alarm() -> None:
    assert sample_ratio_e([100, 1], [1, 0]) > ALARM
    assert sample_ratio_e([100, 0], [1, 0]) == 1
    assert sample_ratio_e([0, 0], [1, 1]) == 1

"""Krippendorff's alpha, beside evalica's."""

from __future__ import annotations

import evalica
import numpy as np
import pandas as pd
import pytest

from router.experiments.statistics.agreement import Level, alpha_of, krippendorff_alpha
from tests.router.experiments.statistics.simulated import columns


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
@pytest.mark.parametrize("seed", range(4))
def test_alpha_is_another_implementations(level: Level, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 3, (4, 25)) / 2
    values[1:] = np.where(rng.random((3, 25)) < 0.6, values[0], values[1:])
    values[rng.random(values.shape) < 0.25] = np.nan
    rater, item = np.nonzero(np.isfinite(values))
    found = alpha_of(item, rater, values[rater, item], level)
    assert found == pytest.approx(evalica.alpha(pd.DataFrame(values), distance=level).alpha, abs=1e-12)


@pytest.mark.parametrize(("agree", "alpha"), [(0.58, 0.17), (0.69, 0.39), (0.77, 0.54)])
def test_how_often_two_agree_says_what_alpha_is(agree: float, alpha: float) -> None:
    rng = np.random.default_rng(0)
    first = rng.random(6000) < 0.5
    second = np.where(rng.random(6000) < agree, first, ~first)
    item, rater = np.tile(np.arange(6000), 2), np.repeat([0, 1], 6000)
    assert alpha_of(item, rater, np.concatenate([first, second])) == pytest.approx(alpha, abs=0.03)


def test_sides_do_not_matter_and_nothing_in_common_is_no_number() -> None:
    left, right = np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0])
    votes = columns(2, left, right, np.array([1, 0, 0, 1]), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]))
    assert krippendorff_alpha(votes) == 1.0
    assert krippendorff_alpha(votes.take(np.array([0, 2]))) is None
    assert krippendorff_alpha(votes.first(0)) is None

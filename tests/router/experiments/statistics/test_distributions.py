"""The incomplete beta function and its kin, beside scipy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from router.experiments.statistics import distributions


def test_the_incomplete_beta_function_is_scipys() -> None:
    rng = np.random.default_rng(0)
    for a, b, x in zip(*np.exp(rng.uniform(-1, 6, (2, 500))), rng.random(500), strict=True):
        assert distributions.incomplete_beta(x, a, b) == pytest.approx(special.betainc(a, b, x), abs=1e-12)


@pytest.mark.parametrize("df", [1, 2, 3, 4, 7, 11, 19, 49, 199])
@pytest.mark.parametrize("p", [0.025, 0.5, 0.6, 0.95, 0.975, 0.9995, 1 - 0.05 / 380])
def test_quantiles_of_students_t_are_scipys(p: float, df: int) -> None:
    assert distributions.student_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-12, abs=1e-12)


def test_tails_that_are_too_small_for_a_float_have_a_logarithm() -> None:
    small = distributions.log_incomplete_beta(0.001, 400, 2)
    assert small == pytest.approx(400 * math.log(0.001) + math.log(401 - 0.4), rel=1e-12)
    assert small < math.log(5e-324)


def test_binomial_tails_are_scipys() -> None:
    for successes in range(12):
        expected = stats.binom.sf(successes - 1, 11, 0.3)
        assert distributions.binomial_tail(successes, 11, 0.3) == pytest.approx(expected, rel=1e-12)

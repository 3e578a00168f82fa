"""The incomplete beta function and what follows from it (binomial tails, Student's t): short, so that the front door
needs no scipy, whose import takes a second. Tests hold them against scipy."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_CLOSE = 3e-16


def log_beta(a: float, b: float) -> float:
    """The logarithm of B(a, b), a and b positive."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def log_incomplete_beta(x: float, a: float, b: float) -> float:
    """The logarithm of the regularised incomplete beta function: the chance that a Beta(a, b) variable is below x."""
    if x <= 0:
        return -math.inf
    if x >= 1:
        return 0.0
    if x < (a + 1) / (a + b + 2):
        return _log_lower(x, a, b)
    return math.log1p(-math.exp(_log_lower(1 - x, b, a)))


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The chance that a Beta(a, b) variable is below x."""
    return math.exp(log_incomplete_beta(x, a, b))


def _log_lower(x: float, a: float, b: float) -> float:
    front = a * math.log(x) + b * math.log1p(-x) - log_beta(a, b) - math.log(a)
    return front + math.log(_continued_fraction(x, a, b))


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Lentz's way through the continued fraction of DLMF 8.17.22, which converges fast below the mean."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _away_from_zero(1 + even * d), _away_from_zero(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _away_from_zero(1 + odd * d), _away_from_zero(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def binomial_tail(successes: int, trials: int, p: float) -> float:
    """The chance of at least so many successes."""
    return 1.0 if successes <= 0 else incomplete_beta(p, successes, trials - successes + 1)


def student_tail(t: float, df: float) -> float:
    """The chance that Student's t with `df` degrees of freedom is above `t`."""
    half = 0.5 * incomplete_beta(df / (df + t * t), df / 2, 0.5)
    return half if t >= 0 else 1 - half


@lru_cache(maxsize=4096)
def student_quantile(p: float, df: float) -> float:
    """The value that Student's t stays below with the chance `p`, 0 < p < 1."""
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -student_quantile(1 - p, df)
    low, high = 0.0, 1.0
    while student_tail(high, df) > 1 - p:
        low, high = high, 2 * high
    t = (low + high) / 2
    while high - low > 1e-15 * high:  # Newton's step where it stays inside what is known, the middle where it does not
        over = student_tail(t, df) - (1 - p)
        low, high = (t, high) if over > 0 else (low, t)
        step = t + over / _student_density(t, df)
        moved = step if low < step < high else (low + high) / 2
        if abs(moved - t) <= 1e-15 * t:
            break
        t = moved
    return t


def _student_density(t: float, df: float) -> float:
    return math.exp(-(df + 1) / 2 * math.log1p(t * t / df) - log_beta(df / 2, 0.5)) / math.sqrt(df)


def normal_quantile(p: float) -> float:
    """The value that a standard normal variable stays below with the chance `p`."""
    return _NORMAL.inv_cdf(p)


def normal_cdf(x: float) -> float:
    """The chance that a standard normal variable stays below `x`."""
    return _NORMAL.cdf(x)

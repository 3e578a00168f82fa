"""Evidence that may be looked at as often as one likes: e-values, and the intervals that follow from them. An e-value
is what a fair bet against "no difference" has grown to; it passes 1 / alpha with a chance of alpha at most, ever."""

from __future__ import annotations

import math

from router.experiments.statistics.distributions import log_beta, log_incomplete_beta
from router.experiments.statistics.intervals import Interval

PRIOR = 5.0
"""Both parameters of the Beta that the bet spreads over: most on small differences. Quicker than 1 at 60 to 75 %."""

_HALVINGS = 50


def log_e_value(wins: float, losses: float, p: float = 0.5, prior: float = PRIOR) -> float:
    """The logarithm of the e-value against "wins with the chance p". Numbers need not be whole: clustered votes count
    for less than one."""
    alternative = log_beta(wins + prior, losses + prior) - log_beta(prior, prior)
    return alternative - _times_log(wins, p) - _times_log(losses, 1 - p)


def log_e_above(hits: float, trials: float, limit: float) -> float:
    """The logarithm of the e-value against "hits with the chance `limit` at most", 0 < limit < 1, bets being spread
    evenly over all above it."""
    misses = trials - hits
    above = log_incomplete_beta(1 - limit, misses + 1, hits + 1) + log_beta(hits + 1, misses + 1)
    return above - math.log1p(-limit) - _times_log(hits, limit) - _times_log(misses, 1 - limit)


def confidence_sequence(wins: float, losses: float, alpha: float = 0.05, prior: float = PRIOR) -> Interval:
    """All chances against which the evidence is below 1 / alpha. The truth is in every one of them, whenever and
    however often it is looked at, with the confidence 1 - alpha."""
    total = wins + losses
    if total <= 0:
        return Interval(low=0, value=0.5, high=1)
    share, bar = wins / total, -math.log(alpha)
    return Interval(
        low=_edge(wins, losses, share, 0.0, bar, prior), value=share, high=_edge(wins, losses, share, 1.0, bar, prior)
    )


def _edge(wins: float, losses: float, inside: float, outside: float, bar: float, prior: float) -> float:
    """Where between the two the evidence reaches the bar: it grows away from the share."""
    least = log_beta(wins + prior, losses + prior) - log_beta(prior, prior) - bar  # of the likelihood, to be inside
    if _times_log(wins, outside) + _times_log(losses, 1 - outside) > least:
        return outside
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if _times_log(wins, middle) + _times_log(losses, 1 - middle) > least:
            inside = middle
        else:
            outside = middle
    return outside


def _times_log(count: float, p: float) -> float:
    if count <= 0:
        return 0.0
    return count * math.log(p) if p > 0 else -math.inf


def e_value(log_e: float) -> float:
    """Of its logarithm, as a number that JSON has room for."""
    return math.exp(min(log_e, 700.0))

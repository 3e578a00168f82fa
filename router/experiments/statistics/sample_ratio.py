"""Whether units were shared out as the weights say: a mismatch means that assignment, eligibility or counting is
broken, and no result is to be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence

from router.experiments.statistics.evidence import e_value

ALARM = 1000.0
"""The e-value that suspends results: false once in a thousand experiments at most, looked at after each unit."""


def sample_ratio_e(counts: Sequence[int], weights: Sequence[float]) -> float:
    """The e-value against "shared out by the weights": of a Dirichlet bet on other shares, around these."""
    total = sum(counts)
    shares = [weight / sum(weights) for weight in weights]
    if any(count and not share for count, share in zip(counts, shares, strict=True)):
        return e_value(math.inf)
    pairs = [(count, share) for count, share in zip(counts, shares, strict=True) if share > 0]
    prior = [share * len(pairs) for _, share in pairs]
    log_e = math.lgamma(sum(prior)) - math.lgamma(sum(prior) + total)
    for (count, share), before in zip(pairs, prior, strict=True):
        log_e += math.lgamma(before + count) - math.lgamma(before) - count * math.log(share)
    return e_value(log_e)

"""Between which ranks each arm lies: 1 and one more for each arm that is surely better, and the same from below."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from router.experiments.statistics.bradley_terry import Strengths


def rank_ranges(strengths: Strengths, alpha: float = 0.05) -> tuple[tuple[int, int], ...] | None:
    """Of each arm its best and its worst rank, all of them right with the confidence 1 - alpha: differences are
    adjusted for all pairs. None where some arms have not met the others, by whatever way: there is no order then."""
    k = len(strengths.arms)
    if not strengths.connected:
        return None
    pairs = list(combinations(range(k), 2))
    if not pairs:
        return ((1, 1),) * k
    contrasts = np.zeros((len(pairs), len(strengths.information)))
    for row, (one, other) in enumerate(pairs):
        contrasts[row, one], contrasts[row, other] = 1, -1
    differences = contrasts[:, :k] @ strengths.theta
    sure = np.abs(differences) > strengths.quantile(alpha / len(pairs)) * strengths.errors(contrasts)
    best, worst = np.ones(k, int), np.full(k, k)
    for (one, other), difference, known in zip(pairs, differences, sure, strict=True):
        if known:
            stronger, weaker = (one, other) if difference > 0 else (other, one)
            best[weaker] += 1
            worst[stronger] -= 1
    return tuple((int(b), int(w)) for b, w in zip(best, worst, strict=True))

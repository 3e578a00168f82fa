"""How far raters agree, with each other and with themselves. Little agreement means close arms or mixed tastes, not bad
raters."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np

from router.experiments.statistics.votes import Column, Votes

Level: TypeAlias = Literal["nominal", "ordinal"]


def krippendorff_alpha(votes: Votes, level: Level = "nominal") -> float | None:
    """Over pairs of arms on a prompt that several raters saw: 1 is full agreement, 0 what chance would give. None where
    no two raters saw the same, or all said the same of everything, so that chance cannot be told."""
    turn = votes.left > votes.right
    outcome = np.where(turn, 1 - votes.outcome, votes.outcome)
    low, high = np.minimum(votes.left, votes.right), np.maximum(votes.left, votes.right)
    k = max(1, len(votes.arms))
    return alpha_of((votes.prompt * k + low) * k + high, votes.rater, outcome, level)


def alpha_of(item: Column, rater: Column, value: Column, level: Level = "nominal") -> float | None:
    """Krippendorff's alpha of values that raters gave to items; of several by one rater to one item the last counts."""
    if not len(item):
        return None
    _, items = np.unique(item, return_inverse=True)
    kinds, values = np.unique(value, return_inverse=True)
    _, last = np.unique((items * (int(rater.max()) + 1) + rater)[::-1], return_index=True)
    kept = len(item) - 1 - last
    table = np.zeros((int(items.max()) + 1, len(kinds)))
    np.add.at(table, (items[kept], values[kept]), 1)
    counts = table.sum(axis=1)
    table, counts = table[counts > 1], counts[counts > 1]
    if not len(table):
        return None
    together = (table / (counts - 1)[:, None]).T @ table - np.diag((table / (counts - 1)[:, None]).sum(axis=0))
    totals = together.sum(axis=1)
    apart = _distances(totals, level)
    expected = float(totals @ apart @ totals)
    if expected <= 0:
        return None
    return 1 - float((together * apart).sum()) * (float(totals.sum()) - 1) / expected


def _distances(totals: Column, level: Level) -> Column:
    """Squared, between kinds of values in their order: nominal ones differ or not, ordinal ones by all in between."""
    k = len(totals)
    if level == "nominal":
        return 1.0 - np.eye(k)
    up_to = np.cumsum(totals) - totals / 2  # the mid-rank of each kind
    distances: Column = (up_to[:, None] - up_to[None, :]) ** 2
    return distances


def reliability(consistency: float) -> float:
    """How often a rater presses what they mean, given how often they answer a repeated pair alike: both answers are
    right, or both are slips."""
    return (1 + math.sqrt(max(0.0, 2 * consistency - 1))) / 2

"""One figure for a set, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from configs.dataset_rules import DatasetRules, ScorePart
from configs.datasets import DatasetConfig
from router.datasets.preflight.finding import Finding, Score

_WEIGHT = {"error": 1.0, "warning": 0.25, "hint": 0.04}
"""What a finding takes from its part where it is of no picture; where it is, its share of the set counts, too."""
_MOST_WITH_ERROR = 40
_PASSING, _SOLID = 0.4, 0.8


def score(dataset: DatasetConfig, findings: Sequence[Finding], rules: DatasetRules, different: int) -> Score:
    """100: nothing to wish. A set that is refused has 40 at most."""
    parts = {part: _of_part(part, findings, len(dataset.pictures)) for part in get_args(ScorePart)}
    parts["count"] = _of_count(dataset, rules, different)
    weights = rules.weights
    total = sum(weights[part] * share for part, share in parts.items()) / sum(weights.values())
    points = round(100 * total)
    if any(one.severity == "error" for one in findings):
        points = min(points, _MOST_WITH_ERROR)
    return Score(points, {part: round(100 * share) for part, share in parts.items()})


def _of_part(part: ScorePart, findings: Sequence[Finding], pictures: int) -> float:
    lost = 0.0
    for one in findings:
        if one.part == part:
            weight = _WEIGHT[one.severity]
            share = len(one.pictures) / pictures
            lost += weight if one.severity != "warning" else weight + (1 - weight) * share
    return max(0.0, 1 - lost)


def _of_count(dataset: DatasetConfig, rules: DatasetRules, different: int) -> float:
    """From nothing at the fewest over passing at the minimum and solid at good to all at great."""
    counts, fewest = rules.counts(dataset.asset_type), rules.at("too_few")
    steps = ((fewest - 1, 0.0), (counts.minimum, _PASSING), (counts.good, _SOLID), (counts.great, 1.0))
    for (low, before), (high, after) in zip(steps, steps[1:], strict=False):
        if different <= high:
            way = (different - low) / max(high - low, 1)
            return max(0.0, before + (after - before) * way)
    return 1.0

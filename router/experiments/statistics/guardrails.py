"""Limits that no arm may break while people look at pictures: shares (failures, both bad) and ratios to the champion
(seconds of a GPU). Each may be looked at after every job, and is false once in a hundred experiments at most."""

from __future__ import annotations

from collections.abc import Sequence

from configs.frozen import Frozen
from router.experiments.statistics.evidence import e_value, log_e_above

ALARM = 100.0


class GuardrailReading(Frozen):
    """What a guardrail says of an arm: `value` (a share, or the middle ratio) of `count` jobs or pairs of jobs, beside
    its `limit`, and the e-value against "within it"."""

    arm: str
    metric: str
    value: float
    limit: float
    count: int
    e_value: float
    tripped: bool


def read_share(arm: str, metric: str, hits: int, trials: int, limit: float) -> GuardrailReading:
    """Of a thing that must happen to a share `limit` of the jobs at most."""
    e = e_value(log_e_above(hits, trials, limit)) if 0 < limit < 1 else float(limit <= 0 < hits) * ALARM * 2
    value = hits / trials if trials else 0.0
    return GuardrailReading(
        arm=arm, metric=metric, value=value, limit=limit, count=trials, e_value=e, tripped=e > ALARM
    )


def read_ratio(arm: str, metric: str, pairs: Sequence[tuple[float, float]], max_ratio: float) -> GuardrailReading:
    """Of a measure that must be `max_ratio` times the champion's at most. `pairs` are (the arm's, the champion's), of
    the same prompt and seed where both drew it, otherwise the n-th job of the one beside the n-th of the other, of the
    same asset type and quality; each job in one pair.

    A sign test: within the limit (the arm's measures being as a whole no larger than `max_ratio` times the champion's)
    a pair breaks it with a chance of one half at most, whatever the measures' distribution. It fires at nine of nine,
    and a single job of an hour moves it no more than any other."""
    broken = sum(ours > max_ratio * theirs for ours, theirs in pairs)
    ratios = sorted(ours / theirs for ours, theirs in pairs if theirs > 0)
    e = e_value(log_e_above(broken, len(pairs), 0.5))
    return GuardrailReading(
        arm=arm,
        metric=metric,
        value=ratios[len(ratios) // 2] if ratios else 0.0,
        limit=max_ratio,
        count=len(pairs),
        e_value=e,
        tripped=e > ALARM,
    )

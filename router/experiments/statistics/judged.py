"""What a judge saves of votes: prediction-powered inference (PPI++, Angelopoulos and others 2023). The judge says what
it thinks of all pairs, people of some; where it is wrong they correct it: it may be useless, and misleads nobody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from configs.frozen import Frozen
from router.experiments.statistics.clusters import spread_of
from router.experiments.statistics.distributions import normal_quantile, student_quantile
from router.experiments.statistics.intervals import FEW_VOTES, Interval, win_rate
from router.experiments.statistics.votes import Column, Votes


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair that nobody voted on: `chance` is that with which the left one is preferred, as the judge has it."""

    left: str
    right: str
    chance: float


class JudgedShare(Frozen):
    """A share with a judge's help. `weight` (0 to 1) is how much the judge counts, `correlation` how it goes with
    people, `worth` for how many votes each of theirs then counts; `pairs` were judged and not voted on."""

    interval: Interval
    weight: float
    correlation: float
    worth: float
    pairs: int


def judged_share(votes: Votes, others: Sequence[float] | Column, alpha: float = 0.05) -> JudgedShare | None:
    """Of votes that are turned (`Votes.between`), and what the judge says of `others`, of which the voted pairs are a
    fair sample. Votes whose pair it has not seen are left out. Where it goes with people too little to help
    (correlation under 1 / sqrt(n - 2)) its weight is 0. None where there is too little of either to begin with."""
    seen = votes.take(np.isfinite(votes.judged))
    y, f, unseen = seen.outcome, seen.judged, np.asarray(others, float)
    if len(y) < FEW_VOTES or len(unseen) < FEW_VOTES:
        return None
    plain = win_rate(seen, alpha)
    spread_of_judge = float(np.var(np.concatenate([f, unseen])))
    correlation = float(np.corrcoef(y, f)[0, 1]) if min(y.std(), f.std()) > 0 else 0.0
    weight = 0.0
    if correlation > 1 / math.sqrt(len(y) - 2):
        covariance = float(np.mean((y - y.mean()) * (f - f.mean())))
        weight = min(1.0, max(0.0, covariance / ((1 + len(y) / len(unseen)) * spread_of_judge)))
    if not weight:
        return JudgedShare(interval=plain.interval, weight=0, correlation=correlation, worth=1, pairs=len(unseen))
    value = weight * float(unseen.mean()) + float(np.mean(y - weight * f))
    variance, quantile = _corrected(seen, weight, alpha)
    variance += weight**2 * float(unseen.var()) / len(unseen)
    half = quantile * math.sqrt(variance)
    interval = Interval(low=max(0.0, value - half), value=min(1.0, max(0.0, value)), high=min(1.0, value + half))
    worth = (plain.interval.width / interval.width) ** 2 if interval.width else 1.0
    return JudgedShare(interval=interval, weight=weight, correlation=correlation, worth=worth, pairs=len(unseen))


def _corrected(votes: Votes, weight: float, alpha: float) -> tuple[float, float]:
    """The variance of what people add to the judge, clustered, and how many of its roots an interval goes."""
    error = votes.outcome - weight * votes.judged
    scores = (error - error.mean()) / len(error)
    spread = spread_of([(np.zeros(len(error), np.int64), scores)], 1, votes.rater, votes.prompt)
    if spread.method == "votes":
        return float(error.var() / len(error)), normal_quantile(1 - alpha / 2)
    return float(spread.of(np.ones((1, 1)))[0]), student_quantile(1 - alpha / 2, spread.df)


def chances_between(pairs: Sequence[JudgedPair], arm: str, other: str) -> list[float]:
    """The judge's chances for `arm` on the pairs of these two."""
    turned = {(arm, other): False, (other, arm): True}
    return [
        1 - pair.chance if turned[(pair.left, pair.right)] else pair.chance
        for pair in pairs
        if (pair.left, pair.right) in turned
    ]

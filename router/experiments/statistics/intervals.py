"""How often one arm is preferred to another, and between what and what that may truly lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from configs.frozen import Frozen
from router.experiments.statistics.clusters import Method, spread_of
from router.experiments.statistics.distributions import normal_quantile, student_quantile
from router.experiments.statistics.votes import Column, Votes

FEW_VOTES = 30
"""Under so many, an interval that is symmetrical around the share promises too much: Wilson's is taken."""


class Interval(Frozen):
    """A value and what it lies between, with the confidence that was asked for."""

    low: float
    value: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class WinRate:
    """The share that was won, a tie being half. `design_effect` is how many votes count for one, 1 at least: how much
    more the share spreads than it would were each vote another person's on another prompt."""

    interval: Interval
    method: Method
    votes: int
    raters: int
    prompts: int
    design_effect: float


def win_rate(votes: Votes, alpha: float = 0.05, equal_raters: bool = False) -> WinRate:
    """Of votes that are turned (`Votes.between`): how often the left one is preferred. `equal_raters` counts each
    rater alike, however many votes they cast. Student's t over clusters of raters and of prompts; under thirty votes,
    or where all agree, Wilson's interval of as many votes as these are worth. Without a vote all is possible."""
    y = votes.outcome
    raters, prompts = votes.raters_present(), len(np.unique(votes.prompt))
    if len(y) == 0:
        return WinRate(Interval(low=0, value=0.5, high=1), "votes", 0, 0, 0, 1.0)
    weights = _weights(votes.rater) if equal_raters else np.full(len(y), 1 / len(y))
    share = min(1.0, max(0.0, round(float(weights @ y), 12)))  # all alike must be 0 or 1: their sum may fall short
    spread = spread_of([(np.zeros(len(y), np.int64), weights * (y - share))], 1, votes.rater, votes.prompt)
    variance = float(spread.of(np.ones((1, 1)))[0])
    alone = _variance_of_votes(y, share) * float(weights @ weights)
    effect = max(1.0, variance / alone)
    quantile = (
        student_quantile(1 - alpha / 2, spread.df) if spread.method != "votes" else normal_quantile(1 - alpha / 2)
    )
    if len(y) < FEW_VOTES or variance < 1e-9 * alone:
        interval = wilson(share, share * (1 - share) / (alone * effect) or len(y) / effect, quantile)
    else:
        half = quantile * math.sqrt(variance)
        interval = Interval(low=max(0.0, share - half), value=share, high=min(1.0, share + half))
    return WinRate(interval, spread.method, len(y), raters, prompts, effect)


def wilson(share: float, votes: float, quantile: float) -> Interval:
    """Wilson's interval of a share of so many votes, a whole number or not, `quantile` standard deviations wide."""
    q2 = quantile * quantile
    middle = (share + q2 / (2 * votes)) / (1 + q2 / votes)
    half = quantile * math.sqrt(share * (1 - share) / votes + q2 / (4 * votes * votes)) / (1 + q2 / votes)
    return Interval(low=max(0.0, min(share, middle - half)), value=share, high=min(1.0, max(share, middle + half)))


def _weights(rater: Column) -> Column:
    counts = np.bincount(rater)
    return 1 / (counts[rater] * np.count_nonzero(counts))


def _variance_of_votes(y: Column, share: float) -> float:
    """Of one vote. Ties make it less than share x (1 - share); where all votes are the same it is not nothing, but
    what one more win and one more loss would make it."""
    return max(float(np.mean((y - share) ** 2)), 0.5 / (len(y) + 2))

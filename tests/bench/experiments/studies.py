"""The same simulated votes, counted in the ways that people count votes, and in ours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from router.experiments.statistics.bradley_terry import fit
from router.experiments.statistics.distributions import normal_quantile
from router.experiments.statistics.intervals import wilson, win_rate
from router.experiments.statistics.stopping import weigh
from router.experiments.statistics.votes import Votes

Numbers = np.ndarray[Any, Any]
ELO = 400 / math.log(10)
_K = 32
_ENOUGH = math.log(20)


@dataclass(frozen=True)
class Panel:
    """Who votes: `raters` people with `each` votes, whose tastes spread by `taste` logits around the truth."""

    raters: int = 8
    each: int = 40
    taste: float = 0.7

    def vote(self, rng: np.random.Generator, share: float) -> Votes:
        """On two arms, of which the middle rater prefers the first one in `share` of the cases."""
        n = self.raters * self.each
        rater, prompt = np.tile(np.arange(self.raters), self.each), np.repeat(np.arange(self.each), self.raters)
        logit = math.log(share / (1 - share)) + rng.normal(0, self.taste, self.raters)[rater]
        won = rng.random(n) < 1 / (1 + np.exp(-logit))
        return to_votes(2, np.zeros(n, int), np.ones(n, int), won, rater, prompt)

    def truth(self, share: float) -> float:
        """What all people of whom these are a few would say."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(60)
        return float((1 / (1 + np.exp(-math.log(share / (1 - share)) - self.taste * nodes))) @ weights / weights.sum())


def to_votes(arms: int, left: Numbers, right: Numbers, won: Numbers, rater: Numbers, prompt: Numbers) -> Votes:
    n = len(left)
    return Votes(
        arms=tuple("abcdefgh"[:arms]),
        raters=tuple(map(str, range(int(rater.max()) + 1))),
        prompts=tuple(map(str, range(int(prompt.max()) + 1))),
        left=left,
        right=right,
        outcome=won.astype(float),
        both_bad=np.zeros(n, bool),
        rater=rater,
        prompt=prompt,
        probability=np.ones(n),
        covariates=np.zeros((n, 0)),
        judged=np.full(n, np.nan),
    )


def held_truth(panel: Panel, share: float, studies: int) -> tuple[float, float]:
    """How often intervals of 95 % hold the truth: pooled Wilson's, and ours."""
    rng, truth = np.random.default_rng(0), panel.truth(share)
    pooled = ours = 0
    for _ in range(studies):
        votes = panel.vote(rng, share)
        naive = wilson(float(votes.outcome.mean()), len(votes), normal_quantile(0.975))
        interval = win_rate(votes).interval
        pooled += naive.low <= truth <= naive.high
        ours += interval.low <= truth <= interval.high
    return pooled / studies, ours / studies


def found_nothing(panel: Panel, studies: int) -> tuple[float, float, float]:
    """How often two arms that are alike are told apart: by a test at the end, by one that is looked at after each vote,
    by ours that is looked at after each round."""
    rng = np.random.default_rng(1)
    end = peeking = ours = 0
    n = np.arange(1, panel.raters * panel.each + 1)
    for _ in range(studies):
        votes = panel.vote(rng, 0.5)
        z = np.abs(np.cumsum(votes.outcome) - n / 2) / np.sqrt(n / 4)
        end += int(z[-1] > normal_quantile(0.975))
        peeking += int((z[19:] > normal_quantile(0.975)).any())
        rounds = range(-(-30 // panel.raters), panel.each + 1)
        ours += any(weigh(votes.first(panel.raters * r)).log_e >= _ENOUGH for r in rounds)
    return end / studies, peeking / studies, ours / studies


@dataclass(frozen=True)
class Orders:
    """Of one set of votes its ratings as Elo points around 1000: Elo's in many orders (orders x arms), Bradley-Terry's
    in any, and the truth."""

    elo: Numbers
    bradley_terry: Numbers
    half_widths: Numbers
    truth: Numbers

    @property
    def other_leader(self) -> float:
        """In what share of the orders Elo's first arm is not its most frequent first arm."""
        leaders = np.bincount(self.elo.argmax(axis=1))
        return 1 - float(leaders.max() / leaders.sum())


def shuffle(theta: Sequence[float], votes: int, orders: int, raters: int = 8) -> Orders:
    """Cast votes on these arms once, and count them in many orders."""
    rng = np.random.default_rng(3)
    strengths, k = np.array(theta), len(theta)
    left = rng.integers(0, k, votes)
    right = (left + rng.integers(1, k, votes)) % k
    won = rng.random(votes) < 1 / (1 + np.exp(strengths[right] - strengths[left]))
    cast = to_votes(k, left, right, won, np.arange(votes) % raters, np.arange(votes))
    fitted = fit(cast, side=False)
    widths = [fitted.difference(arm, (arm + 1) % k).width / 2 / math.sqrt(2) for arm in range(k)]
    ratings = [_elo(cast.take(rng.permutation(votes))) for _ in range(orders)]
    return Orders(
        np.array(ratings),
        1000 + ELO * fitted.theta,
        ELO * np.array(widths),
        1000 + ELO * (strengths - strengths.mean()),
    )


def _elo(votes: Votes) -> Numbers:
    rating = np.full(len(votes.arms), 1000.0)
    for one, other, won in zip(votes.left.tolist(), votes.right.tolist(), votes.outcome.tolist(), strict=True):
        change = _K * (won - 1 / (1 + 10 ** ((rating[other] - rating[one]) / 400)))
        rating[one] += change
        rating[other] -= change
    return rating

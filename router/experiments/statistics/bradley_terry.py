"""Strengths of many arms from votes on pairs: Bradley and Terry's model, ties as half wins, with the side on which a
picture was shown and what it has more of (brightness …) as covariates. Not Elo, whose order depends on which vote came
first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from router.experiments.statistics.clusters import Method, Part, Spread, quadratic, spread_of
from router.experiments.statistics.distributions import normal_quantile, student_quantile
from router.experiments.statistics.intervals import FEW_VOTES, Interval
from router.experiments.statistics.votes import Column, Votes

RIDGE = 0.1
"""Of the squared strengths: an arm that won everything, or nothing, stays finite."""

_STEPS = 50
_CLOSE = 1e-10
_FEW_RATERS = 5


@dataclass(frozen=True)
class Strengths:
    """Of K arms `theta`, in logits, mean 0; `side` is the logit by which the left one is preferred, `covariates` those
    of one standard deviation. `information` is the inverse of the likelihood's curvature, `spread` the clustered
    covariances of all K + 1 + k; `component` says which arms hang together by votes."""

    arms: tuple[str, ...]
    theta: Column
    side: float
    covariates: Column
    information: Column
    spread: Spread
    votes: Column
    raters: int
    component: Column

    @property
    def connected(self) -> bool:
        """Whether each arm has met each other, if only by way of others."""
        return bool((self.component == 0).all())

    @property
    def method(self) -> Method:
        return self.spread.method

    def quantile(self, alpha: float) -> float:
        """Two-sided."""
        if self.method == "votes":
            return normal_quantile(1 - alpha / 2)
        return student_quantile(1 - alpha / 2, self.spread.df)

    def errors(self, contrasts: Column) -> Column:
        """Standard errors of combinations (m x (K + 1 + k)): clustered. Where few people or few votes have spoken, at
        least what the model itself says, since sums over few clusters may be nearly nothing by chance."""
        clustered = self.spread.of(contrasts)
        model = quadratic(contrasts, self.information)
        moved = contrasts[:, : len(self.arms)] != 0
        fewest = np.where(moved, self.votes, np.inf).min(axis=1, initial=np.inf)
        few = (fewest < FEW_VOTES) | (self.raters < _FEW_RATERS)
        errors: Column = np.sqrt(np.where(few, np.maximum(clustered, model), clustered))
        return errors

    def difference(self, arm: int, other: int, alpha: float = 0.05) -> Interval:
        """By how many logits `arm` is stronger. For m comparisons at once, give alpha / m."""
        contrast = np.zeros((1, len(self.information)))
        contrast[0, arm], contrast[0, other] = 1, -1
        value, half = float(self.theta[arm] - self.theta[other]), self.quantile(alpha) * float(self.errors(contrast)[0])
        return Interval(low=value - half, value=value, high=value + half)

    def side_effect(self, alpha: float = 0.05) -> Interval:
        """By how many logits the left side is preferred."""
        return self._extra_effect(0, self.side, alpha)

    def covariate_effects(self, alpha: float = 0.05) -> tuple[Interval, ...]:
        """By how many logits a picture is preferred that has one standard deviation more of each covariate."""
        return tuple(self._extra_effect(1 + place, float(value), alpha) for place, value in enumerate(self.covariates))

    def _extra_effect(self, place: int, value: float, alpha: float) -> Interval:
        """Of what the model has beside arms."""
        contrast = np.zeros((1, len(self.information)))
        contrast[0, len(self.arms) + place] = 1
        half = self.quantile(alpha) * float(self.errors(contrast)[0])
        return Interval(low=value - half, value=value, high=value + half)


def fit(votes: Votes, covariates: bool = True, side: bool = True, ridge: float = RIDGE) -> Strengths:
    """Newton's method on the half-win likelihood. Without `covariates` those that the votes have are left out, without
    `side` it is 0. Any votes will do: none at all, one arm that always wins, arms that never met; without a `ridge`
    only such as settle all strengths."""
    k = len(votes.arms)
    extra = _extra_columns(votes, covariates)
    if not side:
        extra[:, 0] = 0.0
    design = _Design(votes, extra)
    b = np.zeros(k + extra.shape[1])
    penalty = np.where(np.concatenate([np.ones(k, bool), extra.any(axis=0)]), ridge, 1.0)
    for _ in range(_STEPS):
        p = design.predict(b)
        step = np.linalg.solve(design.curvature(p, penalty), design.gradient(votes.outcome - p) - penalty * b)
        b += step * min(1.0, 2.0 / max(1e-300, float(np.abs(step).max())))  # far away the quadratic is a poor guide
        if np.abs(step).max() < _CLOSE:
            break
    p = design.predict(b)
    information = np.linalg.inv(design.curvature(p, penalty))
    spread = spread_of(design.scores(votes.outcome - p), len(b), votes.rater, votes.prompt).through(information)
    return Strengths(
        arms=votes.arms,
        theta=b[:k] - b[:k].mean() if k else b[:k],
        side=float(b[k]),
        covariates=b[k + 1 :],
        information=information,
        spread=spread,
        votes=np.bincount(np.concatenate([votes.left, votes.right]), minlength=k),
        raters=votes.raters_present(),
        component=components(k, votes.left, votes.right),
    )


def _extra_columns(votes: Votes, covariates: bool) -> Column:
    """The side, which is 1, and the covariates over their standard deviations."""
    ones = np.ones((len(votes), 1))
    if not covariates or not votes.covariates.shape[1] or not len(votes):
        return ones
    scale = np.sqrt((votes.covariates**2).mean(axis=0))
    return np.hstack([ones, votes.covariates / np.where(scale > 0, scale, 1)])


class _Design:
    """The design matrix (n x (K + e)), of which the part of the arms is 1 at the left one and -1 at the right one and
    is never built."""

    def __init__(self, votes: Votes, extra: Column) -> None:
        self.k, self.left, self.right, self.extra = len(votes.arms), votes.left, votes.right, extra
        self._pair = votes.left * self.k + votes.right

    def predict(self, b: Column) -> Column:
        theta = b[: self.k]
        return _sigmoid(theta[self.left] - theta[self.right] + self.extra @ b[self.k :])

    def gradient(self, residual: Column) -> Column:
        arms = self._of_arms(residual)
        return np.concatenate([arms, residual @ self.extra])

    def curvature(self, p: Column, penalty: Column) -> Column:
        weight = p * (1 - p)
        pairs = np.bincount(self._pair, weight, self.k * self.k).reshape(self.k, self.k)
        pairs = pairs + pairs.T
        size = self.k + self.extra.shape[1]
        matrix = np.empty((size, size))
        matrix[: self.k, : self.k] = np.diag(pairs.sum(axis=1)) - pairs + 1.0  # all alike stronger: no matter
        weighted = self.extra * weight[:, None]
        for column in range(self.extra.shape[1]):
            matrix[: self.k, self.k + column] = self._of_arms(weighted[:, column])
        matrix[self.k :, : self.k] = matrix[: self.k, self.k :].T
        matrix[self.k :, self.k :] = self.extra.T @ weighted
        matrix += np.diag(penalty)
        return matrix

    def scores(self, residual: Column) -> Sequence[Part]:
        """The gradient of each vote, in parts."""
        n, columns = len(residual), range(self.extra.shape[1])
        extra = [(np.full(n, self.k + column), residual * self.extra[:, column]) for column in columns]
        return [(self.left, residual), (self.right, -residual), *extra]

    def _of_arms(self, values: Column) -> Column:
        plus, minus = np.bincount(self.left, values, self.k), np.bincount(self.right, values, self.k)
        return np.subtract(plus, minus)


def _sigmoid(x: Column) -> Column:
    chances: Column = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return chances


def share_of(logit: float) -> float:
    """How often the stronger of two is preferred that are so many logits apart."""
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, logit))))


def components(arms: int, left: Column, right: Column) -> Column:
    """Of each arm the number of the part of the graph it is in, 0 being that of the first arm."""
    meets = np.bincount(left * arms + right, minlength=arms * arms).reshape(arms, arms) > 0
    meets |= meets.T
    number = np.full(arms, -1)
    count = 0
    for start in range(arms):
        if number[start] >= 0:
            continue
        reached = np.zeros(arms, bool)
        reached[start] = True
        while (grown := reached | meets[reached].any(axis=0)).sum() > reached.sum():
            reached = grown
        number[reached] = count
        count += 1
    return number

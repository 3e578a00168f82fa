"""How often one arm wins, and how often neither: Davidson's model (1970), in which close arms tie more often. Half-win
Bradley-Terry tells the same order with a smaller scale, and says nothing of ties."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from configs.frozen import Frozen
from router.experiments.statistics.bradley_terry import RIDGE
from router.experiments.statistics.votes import Column, Votes

_STEPS = 50
_CLOSE = 1e-10


class Chances(Frozen):
    """Of a vote on two arms; they sum to 1."""

    win: float
    tie: float
    loss: float


@dataclass(frozen=True)
class TieStrengths:
    """Strengths in logits of decisive votes, mean 0. Two arms that are alike tie `nu` times as often as either wins."""

    arms: tuple[str, ...]
    theta: Column
    nu: float

    def chances(self, arm: str, other: str) -> Chances:
        """Of a vote on these two; the side that they are shown on is not in it."""
        half = float(self.theta[self.arms.index(arm)] - self.theta[self.arms.index(other)]) / 2
        win, loss = math.exp(half), math.exp(-half)
        total = win + loss + self.nu
        return Chances(win=win / total, tie=self.nu / total, loss=loss / total)


def fit_ties(votes: Votes, ridge: float = RIDGE) -> TieStrengths:
    """Newton's method on how often each pair was won, lost and tied. `ridge` keeps strengths, and the logarithm of nu,
    finite; without it, votes must settle them all."""
    k = len(votes.arms)
    won, tied = _count(votes, k)
    b = np.zeros(k + 1)
    for _ in range(_STEPS):
        gradient, curvature = _derivatives(b, won, tied)
        curvature[:k, :k] += 1.0  # all alike stronger: no matter
        curvature += ridge * np.eye(k + 1)
        step = np.linalg.solve(curvature, gradient - ridge * b)
        b += step * min(1.0, 2.0 / max(1e-300, float(np.abs(step).max())))
        if np.abs(step).max() < _CLOSE:
            break
    return TieStrengths(votes.arms, b[:k] - b[:k].mean(), math.exp(b[k]))


def _count(votes: Votes, k: int) -> tuple[Column, Column]:
    """k x k each: how often the row beat the column, and how often they tied (on both sides of the diagonal)."""

    def matrix(first: Column, second: Column, rows: Column) -> Column:
        return np.bincount(first[rows] * k + second[rows], minlength=k * k).reshape(k, k).astype(float)

    won = matrix(votes.left, votes.right, votes.outcome == 1) + matrix(votes.right, votes.left, votes.outcome == 0)
    tied = matrix(votes.left, votes.right, votes.outcome == 0.5)
    return won, tied + tied.T


def _derivatives(b: Column, won: Column, tied: Column) -> tuple[Column, Column]:
    """Of the likelihood by the strengths and the logarithm of nu: gradient, and negative second derivatives."""
    k = len(b) - 1
    half = (b[:k, None] - b[None, :k]) / 2
    ahead, behind, even = np.exp(half), np.exp(-half), math.exp(b[k])
    total = ahead + behind + even
    lead, tie = (ahead - behind) / total, even / total
    n = won + won.T + tied
    gradient = np.append(((won - won.T) / 2 - n * lead / 2).sum(axis=1), (tied - n * tie).sum() / 2)
    pairs = n * ((1 - tie) - lead**2) / 4
    curvature = np.empty((k + 1, k + 1))
    curvature[:k, :k] = np.diag(pairs.sum(axis=1)) - pairs
    curvature[k, :k] = curvature[:k, k] = (-n * lead * tie / 2).sum(axis=1)
    curvature[k, k] = (n * tie * (1 - tie)).sum() / 2
    return gradient, curvature

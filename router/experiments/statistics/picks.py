"""The best of four on a screen: more said a look than by pairs, for boards of many arms. Plackett and Luce's model, in
which one pick is one choice among those shown, and not three wins."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal, TypeAlias

import numpy as np

from router.experiments.statistics.bradley_terry import RIDGE, Strengths, components
from router.experiments.statistics.clusters import spread_of
from router.experiments.statistics.pair_choice import UNIFORM_SHARE, Belief, chances_to_be_best
from router.experiments.statistics.votes import Column, codes_of

ScreenStrategy: TypeAlias = Literal["uniform", "top"]

_STEPS = 50
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Pick:
    """One answered screen: the arms that it showed, in their places, and the one that was picked as the best."""

    shown: tuple[str, ...]
    picked: str
    rater: str
    prompt: str
    probability: float = 1.0


@dataclass(frozen=True)
class Picks:
    """n screens of the same size. `shown` (n x size) and `picked` (n) are places in `arms`; the picked one comes first
    in its row, since where it stood is no part of the model."""

    arms: tuple[str, ...]
    shown: Column
    rater: Column
    prompt: Column

    @classmethod
    def from_rows(cls, rows: Iterable[Pick], arms: Sequence[str]) -> Picks:
        """Raises `ValueError`, saying which row, for arms that are unknown or shown twice, and for one that was not
        shown; and for screens of different sizes."""
        picks = list(rows)
        places = {arm: place for place, arm in enumerate(arms)}
        size = len(picks[0].shown) if picks else 0
        for number, row in enumerate(picks, 1):
            _look_over(number, row, places, size)
        ordered = [[row.picked, *(arm for arm in row.shown if arm != row.picked)] for row in picks]
        shown = np.array([[places[arm] for arm in row] for row in ordered], np.int64).reshape(len(picks), size)
        rater, _ = codes_of([row.rater for row in picks])
        prompt, _ = codes_of([row.prompt for row in picks])
        return cls(tuple(arms), shown, rater, prompt)

    def __len__(self) -> int:
        return len(self.shown)


def fit_picks(picks: Picks, ridge: float = RIDGE) -> Strengths:
    """Newton's method. The answer is that of votes on pairs, without a side, so that ranks and differences follow."""
    k, n = len(picks.arms), len(picks)
    b = np.zeros(k)
    for _ in range(_STEPS):
        chances = _softmax(b[picks.shown])
        step = np.linalg.solve(_curvature(picks, chances, ridge), _gradient(picks, chances) - ridge * b)
        b += step * min(1.0, 2.0 / max(1e-300, float(np.abs(step).max())))
        if np.abs(step).max() < _CLOSE:
            break
    chances = _softmax(b[picks.shown])
    information = np.zeros((k + 1, k + 1))  # the last place is that of the side, of which screens know nothing
    information[:k, :k] = np.linalg.inv(_curvature(picks, chances, ridge))
    residual = _residual(chances)
    parts = [(picks.shown[:, place], residual[:, place]) for place in range(picks.shown.shape[1])]
    first = np.repeat(picks.shown[:, :1], max(0, picks.shown.shape[1] - 1), axis=1).ravel()
    return Strengths(
        arms=picks.arms,
        theta=b - b.mean(),
        side=0.0,
        covariates=np.zeros(0),
        information=information,
        spread=spread_of(parts, k + 1, picks.rater, picks.prompt).through(information),
        votes=np.bincount(picks.shown.ravel(), minlength=k),
        raters=len(np.unique(picks.rater)) if n else 0,
        component=components(k, first, picks.shown[:, 1:].ravel()),
    )


def believe_picks(picks: Picks) -> Belief:
    """What picks tell of arms that were N(0, 1) before, for choosing what to show next."""
    strengths, k = fit_picks(picks, ridge=1.0), len(picks.arms)
    return Belief(picks.arms, strengths.theta, strengths.information[:k, :k])


def choose_screen(
    belief: Belief,
    strategy: ScreenStrategy,
    rng: np.random.Generator,
    size: int = 4,
    uniform_share: float = UNIFORM_SHARE,
) -> tuple[tuple[str, ...], float]:
    """Which arms to show, in the order of their places on the screen (a fair shuffle), and with which probability this
    set was chosen. `top` draws them, one after another, by the chance that each is the best of those left. Raises
    `ValueError` where there are fewer arms than places."""
    k = len(belief.arms)
    if k < size:
        raise ValueError(f"a screen of {size} needs as many arms; there are {k}")
    even = 1 / math.comb(k, size)
    if strategy == "uniform":
        return tuple(belief.arms[i] for i in rng.permutation(k)[:size]), even
    best = chances_to_be_best(belief, rng)
    best /= best.sum()
    weights = np.full(k, 1 / k) if rng.random() < uniform_share else best
    chosen = rng.choice(k, size, replace=False, p=weights)
    probability = uniform_share * even + (1 - uniform_share) * _drawn_together(best[chosen])
    return tuple(belief.arms[i] for i in rng.permutation(chosen)), probability


def _drawn_together(best: Column) -> float:
    """The chance that these are the first ones drawn without replacement, each with its weight of all that are left."""
    total = 0.0
    for order in permutations(best.tolist()):
        left, chance = 1.0, 1.0
        for weight in order:
            chance *= weight / max(left, 1e-12)
            left -= weight
        total += chance
    return total


def _look_over(number: int, row: Pick, places: dict[str, int], size: int) -> None:
    for arm in row.shown:
        if arm not in places:
            raise ValueError(f"pick {number}: no arm '{arm}'; there are {', '.join(places)}")
    if len(set(row.shown)) < len(row.shown):
        raise ValueError(f"pick {number}: an arm is shown twice")
    if row.picked not in row.shown:
        raise ValueError(f"pick {number}: '{row.picked}' was not shown")
    if len(row.shown) != size:
        raise ValueError(f"pick {number}: {len(row.shown)} were shown, and {size} before")


def _softmax(logits: Column) -> Column:
    if not logits.size:
        return logits
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances: Column = powers / powers.sum(axis=1, keepdims=True)
    return chances


def _residual(chances: Column) -> Column:
    residual = -chances
    residual[:, :1] += 1
    return residual


def _gradient(picks: Picks, chances: Column) -> Column:
    return np.bincount(picks.shown.ravel(), _residual(chances).ravel(), len(picks.arms))


def _curvature(picks: Picks, chances: Column, ridge: float) -> Column:
    k = len(picks.arms)
    pairs = (picks.shown[:, :, None] * k + picks.shown[:, None, :]).ravel()
    products = (chances[:, :, None] * chances[:, None, :]).ravel()
    matrix: Column = -np.bincount(pairs, products, k * k).reshape(k, k).astype(float)
    matrix += np.diag(np.bincount(picks.shown.ravel(), chances.ravel(), k) + ridge) + 1.0
    return matrix

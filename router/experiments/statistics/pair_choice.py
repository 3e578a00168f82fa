"""Which two arms the next ballot shows: evenly, where a vote tells most of all strengths, or where it tells most of
which is best. Every choice says with which probability it was made, so that whoever analyses the votes can undo it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np

from router.experiments.statistics.bradley_terry import fit
from router.experiments.statistics.votes import Column, Votes

Strategy: TypeAlias = Literal["uniform", "information", "top_two"]
"""`top_two` finds a champion soonest and ranks the rest worse; `information` is for a board of all arms."""

UNIFORM_SHARE = 0.2
"""Of the choices, at least so many are even: no arm is given up because of its first votes."""

_PRIOR = 1.0  # of strengths, in logits: what is believed before a vote
_DRAWS = 2000
_SHARPNESS = 4  # of the preference for what tells more: of 1, 4 and the best alone, the soonest to rank six arms
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


@dataclass(frozen=True)
class Belief:
    """What is known of the arms' strengths: normal, with this mean and covariance, in logits."""

    arms: tuple[str, ...]
    mean: Column
    covariance: Column


@dataclass(frozen=True, slots=True)
class PickedPair:
    """Two arms, in no order, and the probability with which these two were chosen among those that were offered."""

    first: str
    second: str
    probability: float


def believe(votes: Votes) -> Belief:
    """What votes tell, half-win and with the side taken out, of arms that were N(0, 1) before."""
    strengths, k = fit(votes, covariates=False, ridge=1 / _PRIOR**2), len(votes.arms)
    return Belief(votes.arms, strengths.theta, strengths.information[:k, :k])


def choose_pair(
    belief: Belief,
    strategy: Strategy,
    rng: np.random.Generator,
    among: Sequence[tuple[str, str]] | None = None,
    uniform_share: float = UNIFORM_SHARE,
) -> PickedPair:
    """One pair `among` those offered (all, without): by the strategy, and evenly in `uniform_share` of the cases.
    Raises `ValueError` where none is offered."""
    pairs = list(combinations(belief.arms, 2)) if among is None else list(among)
    if not pairs:
        raise ValueError("no pair of arms is offered to choose from")
    chances = pair_chances(belief, strategy, rng, pairs, uniform_share)
    chosen = int(rng.choice(len(pairs), p=chances))
    return PickedPair(*pairs[chosen], probability=float(chances[chosen]))


def pair_chances(
    belief: Belief,
    strategy: Strategy,
    rng: np.random.Generator,
    pairs: Sequence[tuple[str, str]],
    uniform_share: float = UNIFORM_SHARE,
) -> Column:
    """With which probability each of the pairs is chosen; they sum to 1."""
    places = {arm: place for place, arm in enumerate(belief.arms)}
    one = np.array([places[a] for a, _ in pairs])
    other = np.array([places[b] for _, b in pairs])
    even = np.full(len(pairs), 1 / len(pairs))
    if strategy == "uniform":
        return even
    wanted = _top_two(belief, one, other, rng) if strategy == "top_two" else _informative(belief, one, other)
    chances: Column = uniform_share * even + (1 - uniform_share) * wanted / wanted.sum()
    chances /= chances.sum()
    return chances


def _top_two(belief: Belief, one: Column, other: Column, rng: np.random.Generator) -> Column:
    """Top-two Thompson sampling (Russo 2016): a first arm with the chance that it is the best, and a second with the
    chance that it is the best if the first one is not."""
    best = chances_to_be_best(belief, rng)
    p, q = best[one], best[other]
    chances: Column = p * q / (1 - p) + p * q / (1 - q)
    return chances


def chances_to_be_best(belief: Belief, rng: np.random.Generator) -> Column:
    """Of each arm, by drawing strengths; none is quite 0."""
    drawn = rng.multivariate_normal(belief.mean, belief.covariance, _DRAWS, check_valid="ignore", method="cholesky")
    k = len(belief.arms)
    chances: Column = (np.bincount(drawn.argmax(axis=1), minlength=k) + 1 / k) / (_DRAWS + 1)
    return chances


def _informative(belief: Belief, one: Column, other: Column) -> Column:
    """Pairs whose vote says most of the strengths (mutual information of both), and close seconds, since ballots that
    are handed out together are chosen by the same belief."""
    covariance = belief.covariance
    mean = belief.mean[one] - belief.mean[other]
    deviation = np.sqrt(np.maximum(0, covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]))
    chances = 1 / (1 + np.exp(-(mean[:, None] + deviation[:, None] * _NODES)))
    weights = _WEIGHTS / _WEIGHTS.sum()
    gain: Column = _entropy(chances @ weights) - _entropy(chances) @ weights
    return np.maximum(gain, 1e-12) ** _SHARPNESS


def _entropy(p: Column) -> Column:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    nats: Column = -p * np.log(p) - (1 - p) * np.log1p(-p)
    return nats


def choose_sides(pair: tuple[str, str], first_left: int, second_left: int, rng: np.random.Generator) -> tuple[str, str]:
    """Who is shown left, who right, to a rater who has seen the first of them left and the second left so many times:
    the one that was left less often, a coin where both were alike."""
    first_is_left = rng.random() < 0.5 if first_left == second_left else first_left < second_left
    return pair if first_is_left else (pair[1], pair[0])

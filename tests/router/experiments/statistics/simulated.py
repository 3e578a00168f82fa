"""Votes with a truth that is known: of raters with tastes of their own, on prompts that favour one arm or the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from router.experiments.statistics.votes import Vote, Votes

Numbers = np.ndarray[Any, Any]


def logistic(x: Numbers) -> Numbers:
    chances: Numbers = 1 / (1 + np.exp(-x))
    return chances


def columns(
    arms: int, left: Numbers, right: Numbers, outcome: Numbers, rater: Numbers, prompt: Numbers, *extra: Numbers
) -> Votes:
    """Votes of arms `a0`, `a1` …, with covariates, if any, a column each."""
    n = len(outcome)
    return Votes(
        arms=tuple(f"a{i}" for i in range(arms)),
        raters=tuple(f"r{i}" for i in range(int(rater.max(initial=0)) + 1)),
        prompts=tuple(f"p{i}" for i in range(int(prompt.max(initial=0)) + 1)),
        left=left.astype(int),
        right=right.astype(int),
        outcome=outcome.astype(float),
        both_bad=np.zeros(n, bool),
        rater=rater.astype(int),
        prompt=prompt.astype(int),
        probability=np.ones(n),
        covariates=np.stack(extra, axis=1) if extra else np.zeros((n, 0)),
        judged=np.full(n, np.nan),
        covariate_names=tuple(f"x{i}" for i in range(len(extra))),
    )


def panel(
    rng: np.random.Generator,
    raters: int,
    each: int,
    share: float = 0.5,
    taste: float = 0.0,
    prompts: float = 0.0,
    ties: float = 0.0,
) -> Votes:
    """Each rater judges the same `each` prompts; a0 is preferred by the middle rater in `share` of the cases, on sides
    that are balanced. `taste` and `prompts` are standard deviations in logits. Rounds in order: everybody's first
    vote, everybody's second."""
    n = raters * each
    rater, prompt = np.tile(np.arange(raters), each), np.repeat(np.arange(each), raters)
    logit = math.log(share / (1 - share)) + rng.normal(0, taste, raters)[rater] + rng.normal(0, prompts, each)[prompt]
    won = (rng.random(n) < logistic(logit)).astype(float)
    won[rng.random(n) < ties] = 0.5
    turned = (rater + prompt) % 2 == 1
    return columns(2, turned, ~turned, np.where(turned, 1 - won, won), rater, prompt)


def board(
    rng: np.random.Generator,
    theta: Sequence[float],
    votes: int,
    raters: int = 8,
    taste: float = 0.0,
    side: float = 0.0,
    ties: float = 0.0,
) -> Votes:
    """Of many arms, pairs drawn evenly, each vote on a prompt of its own; a rater's taste is one of each arm."""
    k = len(theta)
    left = rng.integers(0, k, votes)
    right = (left + rng.integers(1, k, votes)) % k
    rater = np.arange(votes) % raters
    strengths = np.asarray(theta) + rng.normal(0, taste, (raters, k)) / math.sqrt(2)
    logit = strengths[rater, left] - strengths[rater, right] + side
    outcome = (rng.random(votes) < logistic(logit)).astype(float)
    outcome[rng.random(votes) < ties] = 0.5
    return columns(k, left, right, outcome, rater, np.arange(votes))


def from_counts(counts: Mapping[tuple[str, str], tuple[int, int, int]], arms: Sequence[str]) -> Votes:
    """Of each pair the first one's wins, losses and ties, each vote another person's on another prompt."""
    rows: list[Vote] = []
    for (one, other), numbers in counts.items():
        for choice, number in zip(("left", "right", "tie"), numbers, strict=True):
            first = len(rows)
            rows += [Vote(one, other, choice, f"r{first + i}", f"p{first + i}") for i in range(number)]  # type: ignore[arg-type]
    return Votes.from_rows(rows, arms)


def middle_share(share: float, spread: float) -> float:
    """What share of all votes such a panel gives in the long run, tastes and prompts spreading by so many logits."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return float(logistic(math.log(share / (1 - share)) + spread * nodes) @ weights / weights.sum())

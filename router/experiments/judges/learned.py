"""A judge of the studio's own taste, learned from its own votes: twenty numbers of the pixels and their squares,
weighed by what people preferred. Small on purpose: it needs no network, and nobody's weights."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from configs.frozen import Frozen
from router.experiments.judges.judge import Score, Seen
from router.experiments.judges.pixel_statistics import measure_pixels

Numbers = np.ndarray[Any, Any]

FEWEST_PAIRS = 30
_RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_FOLDS = 5
_STEPS = 30
_CLOSE = 1e-8


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """Statistics of both pictures of a vote, and what the left one won: 1, 0.5 or 0."""

    left: Numbers
    right: Numbers
    outcome: float
    prompt: str


class LearnedWeights(Frozen):
    """A fitted judge, to keep: `mean` and `scale` of the statistics, `weights` of them and of their squares, after how
    many pairs and with which ridge."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    pairs: int
    ridge: float


@dataclass(frozen=True, slots=True)
class LearnedJudge:
    """Scores in logits: by how many a picture is preferred to one of 0."""

    weights: LearnedWeights
    id: str = "learned-linear"
    criterion: str = "overall"

    @property
    def sha256(self) -> str:
        """Of its weights."""
        return hashlib.sha256(self.weights.model_dump_json().encode()).hexdigest()

    def score(
        self,
        pictures: Sequence[Seen],
        prompt: str,  # noqa: ARG002 - as judges are asked
        references: Sequence[Seen] = (),  # noqa: ARG002
    ) -> Sequence[Score]:
        """Each by its pixels alone."""
        sha256, scores = self.sha256, []
        for seen in pictures:
            begun = time.perf_counter()
            value = self.value_of(measure_pixels(seen.pixels))
            scores.append(Score(value, self.criterion, self.id, sha256, time.perf_counter() - begun))
        return scores

    def value_of(self, statistics: Numbers) -> float:
        """Of statistics that were measured before."""
        features = _features(statistics[None], np.array(self.weights.mean), np.array(self.weights.scale))
        return float(features[0] @ np.array(self.weights.weights))


def learn(pairs: Sequence[ComparedPair]) -> LearnedWeights:
    """Fit to votes; how far weights may go is what predicts best the votes on prompts that were held out. Raises
    `ValueError` for fewer than thirty pairs."""
    if len(pairs) < FEWEST_PAIRS:
        raise ValueError(f"a judge is learned from {FEWEST_PAIRS} votes at least; there are {len(pairs)}")
    left, right = np.array([pair.left for pair in pairs]), np.array([pair.right for pair in pairs])
    outcome = np.array([pair.outcome for pair in pairs])
    seen = np.concatenate([left, right])
    mean, scale = seen.mean(axis=0), np.where(seen.std(axis=0) > 1e-9, seen.std(axis=0), 1.0)
    design = _features(left, mean, scale) - _features(right, mean, scale)
    folds = _folds([pair.prompt for pair in pairs])
    ridge = min(_RIDGES, key=lambda one: _held_out_loss(design, outcome, folds, one))
    weights = _fit(design, outcome, ridge)
    return LearnedWeights(
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
        weights=tuple(weights.tolist()),
        pairs=len(pairs),
        ridge=ridge,
    )


def _features(statistics: Numbers, mean: Numbers, scale: Numbers) -> Numbers:
    """n x 40: far out, statistics grow no further, so that no odd picture outweighs all others."""
    z = np.clip((statistics - mean) / scale, -3, 3)
    return np.hstack([z, z**2])


def _folds(prompts: Sequence[str]) -> Numbers:
    """Votes on one prompt are in one fold, by the prompt's hash: whatever came before."""
    return np.array([hashlib.sha256(prompt.encode()).digest()[0] % _FOLDS for prompt in prompts])


def _held_out_loss(design: Numbers, outcome: Numbers, folds: Numbers, ridge: float) -> float:
    total = 0.0
    for fold in np.unique(folds):
        out = folds == fold
        if out.all():
            return 0.0
        chance = np.clip(_sigmoid(design[out] @ _fit(design[~out], outcome[~out], ridge)), 1e-9, 1 - 1e-9)
        total -= float((outcome[out] * np.log(chance) + (1 - outcome[out]) * np.log1p(-chance)).sum())
    return total


def _fit(design: Numbers, outcome: Numbers, ridge: float) -> Numbers:
    """Bradley-Terry on differences of features: no intercept, since sides are no matter."""
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = _sigmoid(design @ weights)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + ridge * np.eye(len(weights))
        step = np.linalg.solve(curvature, design.T @ (outcome - chance) - ridge * weights)
        weights += step
        if np.abs(step).max() < _CLOSE:
            break
    return weights


def _sigmoid(x: Numbers) -> Numbers:
    chances: Numbers = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return chances

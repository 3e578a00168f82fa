"""Strengths with style taken out: what people choose for being brighter or more colourful is no better drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from configs.frozen import Frozen
from router.experiments.statistics.arm_results import ArmResult
from router.experiments.statistics.bradley_terry import Strengths, fit
from router.experiments.statistics.intervals import Interval
from router.experiments.statistics.votes import Column, Votes


class StyleEffect(Frozen):
    """By how many logits a picture is preferred that has more of a feature, by one standard deviation of what pictures
    differ in it."""

    name: str
    effect: Interval


class Style(Frozen):
    """What was taken out, and of how many `votes`: those of which both pictures could be measured."""

    votes: int
    effects: tuple[StyleEffect, ...]


def fit_styled(votes: Votes) -> Strengths | None:
    """Of votes whose covariates are known; None where there is none."""
    known = _known(votes)
    return fit(votes.take(known)) if votes.covariates.shape[1] and len(known) else None


def tell_style(votes: Votes, styled: Strengths | None, alpha: float) -> Style | None:
    """None for votes without covariates."""
    if not votes.covariate_names:
        return None
    effects = () if styled is None else styled.covariate_effects(alpha)
    told = (StyleEffect(name=name, effect=one) for name, one in zip(votes.covariate_names, effects, strict=False))
    return Style(votes=len(_known(votes)), effects=tuple(told))


def say_style_notes(arms: Sequence[ArmResult], names: Sequence[str]) -> Iterator[str]:
    """Of arms that differ from the champion, and without their style may not."""
    for arm in arms:
        plain, styled = arm.diff, arm.diff_styled
        if plain is not None and styled is not None and not _holds_none(plain) and _holds_none(styled):
            yield (
                f"{arm.id}: with {', '.join(names)} taken out the difference is {styled.value:+.2f} "
                f"({styled.low:+.2f} to {styled.high:+.2f}): people may have chosen the style."
            )


def _known(votes: Votes) -> Column:
    """Places of votes whose covariates are known."""
    return np.flatnonzero(np.isfinite(votes.covariates).all(axis=1))


def _holds_none(interval: Interval) -> bool:
    return interval.low <= 0 <= interval.high

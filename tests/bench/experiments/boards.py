"""A board of many arms and votes, drawn from known strengths."""

from __future__ import annotations

import numpy as np

from router.experiments.statistics.votes import Votes


def draw_board(arms: int, votes: int, raters: int = 40, prompts: int = 500, seed: int = 0) -> Votes:
    """Raters' tastes spread by half a logit, one vote in five is a tie, and one covariate differs by chance."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0, 0.5, arms)
    left = rng.integers(0, arms, votes)
    right = (left + rng.integers(1, arms, votes)) % arms
    rater, prompt = rng.integers(0, raters, votes), rng.integers(0, prompts, votes)
    taste = theta + rng.normal(0, 0.35, (raters, arms))
    logit = taste[rater, left] - taste[rater, right] + 0.1
    outcome = (rng.random(votes) < 1 / (1 + np.exp(-logit))).astype(float)
    outcome[rng.random(votes) < 0.2] = 0.5
    return Votes(
        arms=tuple(f"arm-{place:02d}" for place in range(arms)),
        raters=tuple(f"rater-{place}" for place in range(raters)),
        prompts=tuple(f"prompt-{place}" for place in range(prompts)),
        left=left,
        right=right,
        outcome=outcome,
        both_bad=np.zeros(votes, bool),
        rater=rater,
        prompt=prompt,
        probability=np.ones(votes),
        covariates=rng.normal(0, 1, (votes, 1)),
        judged=np.full(votes, np.nan),
        covariate_names=("brightness",),
    )

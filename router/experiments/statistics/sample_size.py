"""How many votes a question takes: before it is asked, and while it is being answered."""

from __future__ import annotations

import math
from dataclasses import dataclass

from router.experiments.statistics.distributions import binomial_tail, normal_cdf, student_quantile
from router.experiments.statistics.stopping import votes_needed


@dataclass(frozen=True, slots=True)
class Advice:
    """About how many `more` votes until it is decided, at the present pace of preference; None where these raters
    cannot decide it, however often they vote, and `raters` more people could. `early` is what the stop rule asks for
    before anything is said, where that is not there yet."""

    more: int | None
    raters: int = 0
    early: str = ""


def advise(share: float, decisive: int, votes: int, raters: int, design_effect: float, alpha: float) -> Advice:
    """Given what was cast so far: `decisive` of `votes` were no ties, `share` of them won. Votes of the same people
    tell less and less: of m votes each, n are worth n / (1 + (m - 1) r), r from the design effect."""
    if not decisive or not raters:
        return Advice(None)
    per_rater = decisive / raters
    r = (design_effect - 1) / (per_rater - 1) if per_rater > 1 else 0.0
    needed = votes_needed(share, decisive / design_effect, alpha)
    if math.isinf(needed):
        return Advice(None)
    worth_at_most = raters / r if r > 0 else math.inf
    if needed >= 0.8 * worth_at_most:
        return Advice(None, max(1, math.ceil(needed * (1 + (per_rater - 1) * r) / per_rater) - raters))
    total = needed * (1 - r) / (1 - needed * r / raters)
    return Advice(max(0, math.ceil((total - decisive) * votes / decisive)))


def votes_for_power(share: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """The number of independent decisive votes from which on an exact binomial test finds this preference with this
    power."""
    share = max(share, 1 - share)
    enough = 1
    for n in range(1, 20_000):
        if binomial_power(n, share, alpha) < power:
            enough = n + 1
        elif n > 1.15 * enough + 20:
            break
    return enough


def smallest_found(votes: int, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest preference above one half that so many independent decisive votes find with this power."""
    low, high = 0.5, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if binomial_power(votes, middle, alpha) >= power else (middle, high)
    return high


def binomial_power(votes: int, share: float, alpha: float = 0.05) -> float:
    """Of the exact two-sided test against one half, in the direction of `share`."""
    low, high = votes // 2, votes + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial_tail(middle, votes, 0.5) <= alpha / 2 else (middle, high)
    return binomial_tail(high, votes, share) if high <= votes else 0.0


def clustered_power(raters: int, votes_each: int, share: float, taste: float = 0.5, prompts: float = 0.5) -> float:
    """About the power of `raters` people with `votes_each` votes each, on a prompt of its own for each of a rater's
    votes, for a preference that people share with a spread of `taste` logits, and prompts with one of `prompts`."""
    logit, n = math.log(share / (1 - share)), raters * votes_each
    damped = 1 / math.sqrt(1 + 0.346 * (taste**2 + prompts**2))  # of a logistic's mean over a normal, to a percent
    mean = 1 / (1 + math.exp(-logit * damped))
    slope = (mean * (1 - mean)) ** 2
    variance = mean * (1 - mean) / n + slope * (taste**2 / raters + prompts**2 / votes_each)
    df = max(1, min(raters, votes_each) - 1)
    bar, away = student_quantile(0.975, df), (mean - 0.5) / math.sqrt(variance)
    return normal_cdf((away - bar * (1 - 1 / (4 * df))) / math.sqrt(1 + bar * bar / (2 * df)))  # of a noncentral t

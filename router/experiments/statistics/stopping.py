"""When an experiment has said enough: the evidence for one arm against another, corrected for votes that are no
independent draws, looked at only after whole rounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from router.experiments.statistics.evidence import confidence_sequence, e_value, log_e_value
from router.experiments.statistics.intervals import Interval, WinRate, win_rate
from router.experiments.statistics.votes import Votes

Outcome: TypeAlias = Literal["better", "worse", "equal", "open"]


class StopRule(Frozen):
    """`alpha`: how often two arms that are alike may be told apart. `min_votes`: votes that are no ties, on the two
    arms in question, before anything is said. `max_votes`: votes after which the experiment ends, decided or not.
    `margin`: arms are equal that are surely preferred no more often than 1/2 + margin, either way."""

    alpha: float = Field(default=0.05, gt=0, lt=1)
    max_votes: int = Field(default=400, ge=1)
    min_raters: int = Field(default=5, ge=1)
    min_votes: int = Field(default=30, ge=1)
    margin: float = Field(default=0.1, gt=0, lt=0.5)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the decisive votes on two arms weigh: `wins` and `losses` of the first one, each vote counting for less by
    the `design_effect`, and the logarithm of the e-value against "alike"."""

    wins: float
    losses: float
    decisive: int
    design_effect: float
    log_e: float


@dataclass(frozen=True, slots=True)
class Look:
    """What the votes on two arms say after the last whole round. `e_value` is against "alike"; `sequence` holds the
    share of decisive votes, whenever one looks; `all_votes` is the share with ties as halves. `outcome` is the first
    arm's."""

    outcome: Outcome
    e_value: float
    sequence: Interval
    all_votes: WinRate
    decisive: int
    design_effect: float


def look(votes: Votes, arm: str, other: str, rule: StopRule, comparisons: int = 1, last: bool = False) -> Look:
    """Between two of the arms. Of several comparisons each may err with alpha / comparisons. `last`: no more votes will
    come, so that an interval for a fixed number of votes may say "equal", too."""
    pair, alpha = votes.between(arm, other), rule.alpha / comparisons
    rounds, rate = whole_rounds(pair), win_rate(pair, alpha)
    found = weigh(rounds)
    sequence = confidence_sequence(found.wins, found.losses, alpha)
    outcome: Outcome = "open"
    if rounds.raters_present() >= rule.min_raters:
        outcome = _judge(found, sequence, rule, alpha)
        if outcome == "open" and last and len(pair) >= rule.min_votes and _within(rate.interval, rule.margin):
            outcome = "equal"
    return Look(outcome, e_value(found.log_e), sequence, rate, found.decisive, found.design_effect)


def weigh(rounds: Votes) -> Evidence:
    """Of turned votes, in whole rounds."""
    decisive = rounds.take(rounds.outcome != 0.5)
    effect = win_rate(decisive).design_effect
    wins = float(decisive.outcome.sum()) / effect
    losses = len(decisive) / effect - wins
    return Evidence(wins, losses, len(decisive), effect, log_e_value(wins, losses))


def _judge(found: Evidence, sequence: Interval, rule: StopRule, alpha: float) -> Outcome:
    if found.decisive < rule.min_votes:
        return "open"
    if found.log_e >= -math.log(alpha):
        return "better" if sequence.value > 0.5 else "worse"
    return "equal" if _within(sequence, rule.margin) else "open"


def whole_rounds(votes: Votes) -> Votes:
    """The first votes, as many as are a multiple of the people who vote: a look after each single vote would see the
    design effect at its luckiest."""
    raters = votes.raters_present()
    return votes.first(len(votes) // raters * raters) if raters else votes


def _within(interval: Interval, margin: float) -> bool:
    return 0.5 - margin <= interval.low and interval.high <= 0.5 + margin


def votes_needed(share: float, have: float, alpha: float, limit: float = 100_000) -> float:
    """How many independent decisive votes, `have` of them cast already with this share won, take the evidence to
    1 / alpha if the rest come in as these did. Infinite where that would be more than `limit`."""
    bar, share = -math.log(alpha), max(share, 1 - share)
    if log_e_value(share * limit, (1 - share) * limit) < bar:
        return math.inf
    low, high = have, limit
    while high - low > 0.5:
        middle = (low + high) / 2
        if log_e_value(share * middle, (1 - share) * middle) < bar:
            low = middle
        else:
            high = middle
    return high

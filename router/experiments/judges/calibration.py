"""What a judge is worth for an asset type: how often it agrees with people on prompts that it has not learned from,
beside how often people agree with each other, and what its numbers mean as chances."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from configs.frozen import Frozen
from router.experiments.statistics.intervals import Interval, win_rate
from router.experiments.statistics.votes import Votes

Numbers = np.ndarray[Any, Any]

LEAST_ACCURACY = 0.6
_FEWEST = 30
_STEPS = 40


@dataclass(frozen=True, slots=True)
class JudgedVote:
    """A vote, and by how much the judge's number of the left picture is above that of the right one."""

    difference: float
    outcome: float
    rater: str
    prompt: str
    pair: str


class Calibration(Frozen):
    """Of a judge for an asset type. `accuracy` is the share of decisive votes that it says, clustered by raters and
    prompts; `ceiling` that of other people's votes that one person's says (None where no two saw the same). `slope`
    makes chances of differences. `error` is by how much such chances are off (mean distance from what was voted, in
    five groups, of prompts that had no part in the slope), `raw_error` without the slope. `enabled` and `why`: a judge
    is off that is hardly better than a coin."""

    judge: str
    sha256: str
    asset_type: str
    votes: int
    accuracy: Interval
    ceiling: float | None
    slope: float
    error: float
    raw_error: float
    enabled: bool
    why: str

    def chance(self, difference: float) -> float:
        """That people prefer the picture whose number is higher by so much."""
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, self.slope * difference))))


def calibrate(judge: str, sha256: str, asset_type: str, votes: Sequence[JudgedVote]) -> Calibration:
    """By votes on prompts that the judge has not learned from."""
    decisive = [vote for vote in votes if vote.outcome != 0.5]
    accuracy, error_of_it = _accuracy(decisive)
    difference = np.array([vote.difference for vote in decisive])
    outcome = np.array([vote.outcome for vote in decisive])
    off, raw_off = _held_out_errors(difference, outcome, [vote.prompt for vote in decisive])
    why = _find_fault(len(decisive), accuracy, error_of_it)
    return Calibration(
        judge=judge,
        sha256=sha256,
        asset_type=asset_type,
        votes=len(decisive),
        accuracy=accuracy,
        ceiling=agreement_of_people(votes),
        slope=_fit_slope(difference, outcome),
        error=off,
        raw_error=raw_off,
        enabled=not why,
        why=why,
    )


def agreement_of_people(votes: Sequence[JudgedVote]) -> float | None:
    """How often two people's decisive votes on the same pair agree: no judge can be expected to say more. Pairs count
    alike, however many saw them."""
    by_pair: dict[str, dict[str, float]] = {}
    for vote in votes:
        if vote.outcome != 0.5:
            by_pair.setdefault(vote.pair, {})[vote.rater] = vote.outcome
    shares = []
    for outcomes in by_pair.values():
        n, ones = len(outcomes), sum(outcomes.values())
        if n > 1:
            shares.append((ones * (ones - 1) + (n - ones) * (n - ones - 1)) / (n * (n - 1)))
    return sum(shares) / len(shares) if shares else None


def _accuracy(votes: Sequence[JudgedVote]) -> tuple[Interval, float]:
    """With its standard error. Where the judge sees no difference it is right half the time."""
    if not votes:
        return Interval(low=0, value=0.5, high=1), 0.5
    sides = np.sign([vote.difference for vote in votes]) * np.sign([2 * vote.outcome - 1 for vote in votes])
    rate = win_rate(_as_votes((1 + sides) / 2, votes))
    share = rate.interval.value
    return rate.interval, math.sqrt(max(share * (1 - share), 1e-12) / len(votes) * rate.design_effect)


def _as_votes(right: Numbers, votes: Sequence[JudgedVote]) -> Votes:
    """Whether the judge was right, in columns whose clusters are known how to count."""
    n = len(votes)
    _, rater = np.unique([vote.rater for vote in votes], return_inverse=True)
    _, prompt = np.unique([vote.prompt for vote in votes], return_inverse=True)
    none = np.zeros(n, np.int64)
    return Votes(
        arms=("judge", "people"),
        raters=tuple(map(str, range(int(rater.max()) + 1))),
        prompts=tuple(map(str, range(int(prompt.max()) + 1))),
        left=none,
        right=none + 1,
        outcome=right,
        both_bad=none.astype(bool),
        rater=rater,
        prompt=prompt,
        probability=np.ones(n),
        covariates=np.zeros((n, 0)),
        judged=np.full(n, np.nan),
    )


def _find_fault(votes: int, accuracy: Interval, error: float) -> str:
    """Why a judge is off; empty where it is on."""
    if votes < _FEWEST:
        return f"{votes} votes to try it on, where {_FEWEST} are needed"
    if accuracy.value < LEAST_ACCURACY:
        return f"it says what people say in {accuracy.value:.0%}, where {LEAST_ACCURACY:.0%} are needed"
    if accuracy.value - 2 * error < 0.5:
        return f"its {accuracy.value:.0%} may be a coin's: two standard errors are {2 * error:.0%}"
    return ""


def _fit_slope(difference: Numbers, outcome: Numbers) -> float:
    """One number by which differences are multiplied; never below 0, and held near 1 where little is known."""
    scale = float(difference.std()) if len(difference) and difference.std() > 0 else 1.0
    x, slope = difference / scale, 1.0
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(slope * x, -500, 500)))
        step = float((x @ (outcome - chance) - 0.1 * (slope - 1)) / (x**2 @ (chance * (1 - chance)) + 0.1))
        slope = max(0.0, slope + max(-2.0, min(2.0, step)))
        if abs(step) < 1e-10:
            break
    return slope / scale


def _held_out_errors(difference: Numbers, outcome: Numbers, prompts: Sequence[str]) -> tuple[float, float]:
    """Of chances, with a slope from the other half of the prompts, and with none."""
    if len(difference) < 2:
        return 0.5, 0.5
    halves = np.array([hashlib.sha256(prompt.encode()).digest()[0] % 2 for prompt in prompts])
    if len(np.unique(halves)) < 2:
        halves = np.arange(len(prompts)) % 2
    chances = np.empty(len(difference))
    for half in (0, 1):
        slope = _fit_slope(difference[halves != half], outcome[halves != half])
        chances[halves == half] = 1 / (1 + np.exp(-np.clip(slope * difference[halves == half], -500, 500)))
    raw = 1 / (1 + np.exp(-np.clip(difference, -500, 500)))
    return _calibration_error(chances, outcome), _calibration_error(raw, outcome)


def _calibration_error(chance: Numbers, outcome: Numbers, groups: int = 5) -> float:
    """How far chances are from what came, in groups of equal size by chance; the likelier side counts."""
    sure, right = np.where(chance < 0.5, 1 - chance, chance), np.where(chance < 0.5, 1 - outcome, outcome)
    order = np.argsort(sure, kind="stable")
    parts = [part for part in np.array_split(order, groups) if len(part)]
    return float(sum(len(part) * abs(sure[part].mean() - right[part].mean()) for part in parts) / len(chance))

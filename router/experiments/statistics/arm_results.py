"""Each arm beside the champion: what was counted, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from configs.frozen import Frozen
from router.experiments.statistics.bradley_terry import Strengths, share_of
from router.experiments.statistics.davidson import Chances, TieStrengths
from router.experiments.statistics.intervals import Interval
from router.experiments.statistics.judged import JudgedShare
from router.experiments.statistics.ranks import rank_ranges
from router.experiments.statistics.stopping import Look
from router.experiments.statistics.votes import Votes


class ArmResult(Frozen):
    """An arm beside the champion, whose own `share`, `diff` and evidence are None. `votes` are those on pairs with the
    arm, whoever the other was; `wins`, `losses` and `ties` among them (a tie may be "both bad"). `diff` is by how many
    logits it is stronger, adjusted for the number of arms; `diff_styled` the same with brightness and the like taken
    out; `share` how often it would be preferred to the champion, a tie being half. `rank` is (best, worst). `strength`
    is in logits, mean 0. `sequence` holds its share of the decisive votes beside the champion, whenever one looks;
    `chances` are those that the next vote on the two is won, tied or lost; `judged` is the share with a judge's help,
    which decides nothing."""

    id: str
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    raters: int
    strength: float
    rank: tuple[int, int] | None = None
    share: Interval | None = None
    diff: Interval | None = None
    diff_styled: Interval | None = None
    e_value: float | None = None
    sequence: Interval | None = None
    design_effect: float | None = None
    chances: Chances | None = None
    judged: JudgedShare | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The fits that arms are compared by: with the style taken out where votes say what differs, and without."""

    champion: str
    plain: Strengths
    styled: Strengths | None
    ties: TieStrengths
    looks: Mapping[str, Look]
    judged: Mapping[str, JudgedShare | None]
    alpha: float


def result_arms(votes: Votes, comparison: Comparison) -> tuple[ArmResult, ...]:
    """One of each arm, in the order of the votes' arms."""
    ranks = rank_ranges(comparison.plain, comparison.alpha)
    counted = (
        _count(votes, place, float(comparison.plain.theta[place]), ranks[place] if ranks else None)
        for place in range(len(votes.arms))
    )
    return tuple(_beside_champion(arm, comparison) for arm in counted)


def _count(votes: Votes, place: int, strength: float, rank: tuple[int, int] | None) -> ArmResult:
    left, right = votes.left == place, votes.right == place
    points = np.concatenate([votes.outcome[left], 1 - votes.outcome[right]])
    mine = left | right
    return ArmResult(
        id=votes.arms[place],
        votes=int(mine.sum()),
        wins=int((points == 1).sum()),
        losses=int((points == 0).sum()),
        ties=int((points == 0.5).sum()),
        both_bad=int(votes.both_bad[mine].sum()),
        raters=len(np.unique(votes.rater[mine])),
        strength=strength,
        rank=rank,
    )


def _beside_champion(arm: ArmResult, comparison: Comparison) -> ArmResult:
    plain, styled = comparison.plain, comparison.styled
    place, base = plain.arms.index(arm.id), plain.arms.index(comparison.champion)
    if place == base or plain.component[place] != plain.component[base]:
        return arm
    found, alone = comparison.looks[arm.id], len(comparison.looks) == 1
    alpha = comparison.alpha / len(comparison.looks)
    difference = plain.difference(place, base, alpha)
    return arm.model_copy(
        update={
            "share": found.all_votes.interval if alone else _as_shares(difference),
            "diff": difference,
            "diff_styled": _difference(styled, place, base, alpha),
            "e_value": found.e_value,
            "sequence": found.sequence,
            "design_effect": found.design_effect,
            "chances": comparison.ties.chances(arm.id, comparison.champion),
            "judged": comparison.judged.get(arm.id),
        }
    )


def _difference(strengths: Strengths | None, place: int, base: int, alpha: float) -> Interval | None:
    """None where no votes connect the two."""
    if strengths is None or strengths.component[place] != strengths.component[base]:
        return None
    return strengths.difference(place, base, alpha)


def _as_shares(difference: Interval) -> Interval:
    return Interval(low=share_of(difference.low), value=share_of(difference.value), high=share_of(difference.high))

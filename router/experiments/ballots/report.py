"""What an experiment has found so far, from its ballots and jobs: everything that a page shows of it, in one piece."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from configs.experiments import CHAMPION
from configs.frozen import Frozen
from router.experiments.ballots.columns import Covariates, as_picks, as_rows, as_votes
from router.experiments.ballots.judged import Judgement
from router.experiments.ballots.model import Answered
from router.experiments.ballots.style import FEATURES, StyleReport
from router.experiments.judges.calibration import Calibration
from router.experiments.model import Phase
from router.experiments.statistics.bradley_terry import share_of
from router.experiments.statistics.guardrails import GuardrailReading
from router.experiments.statistics.intervals import FEW_VOTES, Interval, win_rate
from router.experiments.statistics.picks import fit_picks
from router.experiments.statistics.ranks import rank_ranges
from router.experiments.statistics.raters import RaterReport, report_raters
from router.experiments.statistics.results import Results, find_results
from router.experiments.statistics.sample_ratio import sample_ratio_e
from router.experiments.statistics.stopping import StopRule
from router.experiments.statistics.votes import Votes
from router.jobs.documents import SECONDS, read_or

By: TypeAlias = Literal["asset_type", "quality"]


class SliceArm(Frozen):
    """An arm beside the champion, in a part of the votes."""

    id: str
    votes: int
    share: Interval


class Slice(Frozen):
    """The votes on one asset type, or quality. `grey`: there are too few to say anything by themselves."""

    value: str
    votes: int
    grey: bool
    both_bad: float
    arms: tuple[SliceArm, ...]


class ArmCost(Frozen):
    """What pictures of an arm took: seconds of a device, on average. `ratio` is that to the champion's."""

    id: str
    pictures: int
    seconds: float | None = None
    ratio: float | None = None


class BoardArm(Frozen):
    """An arm by screens of several pictures, of which one is picked. `diff` is to the champion, in logits; `share` how
    often it would be preferred to it."""

    id: str
    screens: int
    picked: int
    strength: float
    rank: tuple[int, int] | None = None
    diff: Interval | None = None
    share: float | None = None


class Report(Results):
    """Results with what they do not count: parts, costs, screens, raters (`people`, by pseudonym), how far a judge that
    was asked is to be trusted, and how many pictures were looked at for their `style`, where that was asked. `checks`
    were hidden among the ballots."""

    experiment: str
    phase: int
    mode: str
    checks: int
    by: tuple[Slice, ...] = ()
    costs: tuple[ArmCost, ...] = ()
    board: tuple[BoardArm, ...] = ()
    people: tuple[RaterReport, ...] = ()
    judges: tuple[Calibration, ...] = ()
    style: StyleReport | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a report is made of. `units` counts those of a split by arm, `taken` has the seconds of each picture.
    `style` has what the pictures of each ballot differ in, where that is to be taken out, and `pictures` counts those
    that were looked at for it."""

    phase: Phase
    answered: Sequence[Answered]
    units: Mapping[str, int]
    taken: Sequence[tuple[str, str]]
    guardrails: Sequence[GuardrailReading] = ()
    judgement: Judgement | None = None
    style: Covariates | None = None
    pictures: int = 0


def report(found: Findings, by: By | None = None) -> Report:
    """Takes tens of milliseconds of many votes: not for an event loop."""
    phase, answered = found.phase, found.answered
    arms, champion = [arm.id for arm in phase.arms], champion_of(phase)
    rows = list(as_rows(answered))
    judgement = found.judgement or Judgement({}, (), ())
    features = () if found.style is None else tuple(FEATURES)
    votes = as_votes(answered, arms, judgement.of_ballots, found.style, features)
    results = find_results(votes, champion, _rule(phase), _share_out(found), found.guardrails, judgement.of_others)
    told = {name: getattr(results, name) for name in Results.model_fields if name != "style"}
    return Report(
        **told,
        experiment=phase.experiment,
        phase=phase.number,
        mode=phase.config.mode,
        checks=sum(row.check is not None for row in rows),
        by=tuple(_slices(answered, arms, champion, by)) if by else (),
        costs=tuple(_costs(found.taken, arms, champion)),
        board=_board(answered, arms, champion, phase.config.stop.alpha),
        people=report_raters(rows),
        judges=judgement.calibrations,
        style=_style(results, found.pictures),
    )


def champion_of(phase: Phase) -> str:
    """The arm that others are compared with: that which changes nothing, or the first one."""
    return CHAMPION if phase.arm(CHAMPION) is not None else phase.arms[0].id


def _style(results: Results, pictures: int) -> StyleReport | None:
    style = results.style
    if style is None:
        return None
    return StyleReport(votes=style.votes, effects=style.effects, pictures=pictures, missing=results.votes - style.votes)


def _rule(phase: Phase) -> StopRule:
    stop = phase.config.stop
    return StopRule(alpha=stop.alpha, max_votes=stop.max_votes, min_raters=stop.min_raters, min_votes=stop.min_votes)


def _share_out(found: Findings) -> float:
    """The evidence that units were not shared out as the weights say; 1 where nothing is split."""
    if not found.units:
        return 1.0
    arms = found.phase.arms
    return sample_ratio_e([found.units.get(arm.id, 0) for arm in arms], [arm.weight for arm in arms])


def _slices(answered: Sequence[Answered], arms: Sequence[str], champion: str, by: By) -> Iterable[Slice]:
    parts: dict[str, list[Answered]] = defaultdict(list)
    for one in answered:
        parts[one.asset_type if by == "asset_type" else one.quality].append(one)
    for value in sorted(parts):
        votes = as_votes(parts[value], arms)
        bad = float(votes.both_bad.mean()) if len(votes) else 0.0
        beside = tuple(_slice_arm(votes, arm, champion) for arm in arms if arm != champion)
        yield Slice(value=value, votes=len(votes), grey=len(votes) < FEW_VOTES, both_bad=bad, arms=beside)


def _slice_arm(votes: Votes, arm: str, champion: str) -> SliceArm:
    between = votes.between(arm, champion)
    return SliceArm(id=arm, votes=len(between), share=win_rate(between).interval)


def _costs(taken: Iterable[tuple[str, str]], arms: Sequence[str], champion: str) -> Iterable[ArmCost]:
    seconds: dict[str, list[float]] = defaultdict(list)
    for arm, document in taken:
        seconds[arm].append(math.fsum(read_or(SECONDS, document, {}, f"a picture of arm {arm}").values()))
    base = math.fsum(seconds[champion]) / len(seconds[champion]) if seconds[champion] else None
    for arm in arms:
        own = math.fsum(seconds[arm]) / len(seconds[arm]) if seconds[arm] else None
        ratio = own / base if own is not None and base else None
        yield ArmCost(id=arm, pictures=len(seconds[arm]), seconds=own, ratio=ratio)


def _board(answered: Sequence[Answered], arms: Sequence[str], champion: str, alpha: float) -> tuple[BoardArm, ...]:
    """Without screens, none."""
    picks = as_picks([one for one in answered if set(one.arms) <= set(arms)], arms)
    if not len(picks):
        return ()
    strengths, base = fit_picks(picks), arms.index(champion)
    ranks = rank_ranges(strengths, alpha)
    won = np.bincount(picks.shown[:, 0], minlength=len(arms))
    board = []
    for place, arm in enumerate(arms):
        beside = place != base and strengths.component[place] == strengths.component[base]
        diff = strengths.difference(place, base, alpha / max(1, len(arms) - 1)) if beside else None
        board.append(
            BoardArm(
                id=arm,
                screens=int(strengths.votes[place]),
                picked=int(won[place]),
                strength=float(strengths.theta[place]),
                rank=ranks[place] if ranks else None,
                diff=diff,
                share=None if diff is None else share_of(diff.value),
            )
        )
    return tuple(board)

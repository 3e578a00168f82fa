"""What a judge says of what can be compared, made chances by the votes that there are: an asset type for which it is
hardly better than a coin is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np

from configs.errors import InvalidRequest
from router.experiments.ballots.model import Answered, Compared
from router.experiments.judges.calibration import Calibration, JudgedVote, calibrate
from router.experiments.judges.carried import CARRIED, CarriedJudge
from router.experiments.judges.judge import Pixels, Seen
from router.experiments.statistics.judged import JudgedPair
from router.experiments.statistics.votes import POINTS

LEARNED: Literal["learned-linear"] = "learned-linear"
"""The judge that the votes themselves teach (`taste.py`)."""

Values: TypeAlias = Mapping[str, Mapping[str, float]]
"""What a judge says of the pictures, by pair and arm."""

_UNSEEN: Pixels = np.zeros((1, 1, 3), np.uint8)  # a judge that reads measures looks at no pixels


@dataclass(frozen=True, slots=True)
class Judgement:
    """The chance that the left picture is preferred, by ballot, and of pairs that nobody has voted on; and how far the
    judge is to be trusted, by asset type."""

    of_ballots: Mapping[str, float]
    of_others: Sequence[JudgedPair]
    calibrations: tuple[Calibration, ...]


def find_judge(said: str) -> CarriedJudge | Literal["learned-linear"]:
    """Which judge a request's `judge` means: `ppi:ID`, or `ppi` for the preference of people. Raises
    `InvalidRequest`."""
    kind, _, id = said.partition(":")
    allowed = tuple(f"ppi:{known}" for known in (*CARRIED, LEARNED))
    if (kind, id) == ("ppi", LEARNED):
        return LEARNED
    judge = CARRIED.get(id or "preference")
    if kind != "ppi" or judge is None:
        raise InvalidRequest(f"judge: must be ppi (people's preference), or one of {', '.join(allowed)}", "judge")
    return judge


def judge(pool: Sequence[Compared], answered: Sequence[Answered], judge: CarriedJudge) -> Judgement:
    """By what pictures carry. Raises `InvalidRequest` where it can say nothing of any two pictures."""
    measures = ", ".join(judge.measures)
    why = f"{judge.id} can say nothing here: it reads {measures} of pictures, which their stages have not measured"
    return weigh(pool, answered, judge.id, judge.sha256, _values(pool, judge), why)


def weigh(
    pool: Sequence[Compared], answered: Sequence[Answered], id: str, sha256: str, values: Values, why: str
) -> Judgement:
    """What a judge's `values` are worth by the votes. Raises `InvalidRequest` with `why` where there are of no two
    pictures."""
    kinds = {one.pair: one.asset_type for one in pool}
    votes: dict[str, list[JudgedVote]] = defaultdict(list)
    gaps: dict[str, float] = {}
    for one in answered:
        gap = _gap(values, one.pair, one.arms)
        if gap is not None and one.gold is None and not one.repeats and one.choice in POINTS:
            gaps[one.id] = gap
            votes[one.asset_type].append(_judged_vote(one, gap))
    voted = {(one.pair, frozenset(one.arms)) for one in answered}
    others = [pair for pair in _pairs(values) if (pair[0], frozenset(pair[1])) not in voted]
    if not gaps and not others:
        raise InvalidRequest(f"judge: {why}", "judge")
    found = {kind: calibrate(id, sha256, kind, votes[kind]) for kind in sorted({*kinds.values(), *votes})}
    trusted = {kind: one for kind, one in found.items() if one.enabled}
    return Judgement(
        of_ballots={
            one.id: trusted[one.asset_type].chance(gaps[one.id])
            for one in answered
            if one.id in gaps and one.asset_type in trusted
        },
        of_others=[
            JudgedPair(*arms, trusted[kinds[pair]].chance(gap)) for pair, arms, gap in others if kinds[pair] in trusted
        ],
        calibrations=tuple(found.values()),
    )


def _values(pool: Sequence[Compared], judge: CarriedJudge) -> Values:
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for one in pool:
        for arm, picture in one.pictures.items():
            (score,) = judge.score([Seen(_UNSEEN, picture.scores)], one.prompt)
            if score.value is not None:
                values[one.pair][arm] = score.value
    return values


def _pairs(values: Values) -> Iterator[tuple[str, tuple[str, str], float]]:
    for pair, of_arm in values.items():
        for left, right in combinations(sorted(of_arm), 2):
            yield pair, (left, right), of_arm[left] - of_arm[right]


def _gap(values: Values, pair: str, arms: Sequence[str]) -> float | None:
    """None where the judge does not know both, or there are more."""
    known = [values[pair][arm] for arm in arms if arm in values.get(pair, {})]
    return known[0] - known[1] if len(known) == len(arms) == 2 else None


def _judged_vote(one: Answered, gap: float) -> JudgedVote:
    """Turned so that the arm whose name comes first is left: people's agreement is on pictures, not on sides."""
    outcome = next(points for choice, points in POINTS.items() if choice == one.choice)
    if one.arms[0] > one.arms[1]:
        gap, outcome = -gap, 1 - outcome
    pair = " ".join((one.pair, *sorted(one.arms)))
    return JudgedVote(gap, outcome, one.rater, one.prompt_hash, pair)

"""Answered ballots as the columns that the statistics work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from router.experiments.ballots.model import SIDES, Answered
from router.experiments.statistics.picks import Pick, Picks
from router.experiments.statistics.votes import POINTS, Vote, Votes

Covariates: TypeAlias = Mapping[str, tuple[float, ...]]
"""What a ballot's left picture has more of than its right one, by ballot."""


def as_rows(
    answered: Iterable[Answered], judged: Mapping[str, float] | None = None, covariates: Covariates | None = None
) -> Iterator[Vote]:
    """Votes on pairs, checks among them. `judged` is what a judge says of a ballot's left picture, by ballot."""
    judged, covariates = judged or {}, covariates or {}
    for one in answered:
        if len(one.arms) == 2 and one.choice in POINTS:
            yield Vote(
                left=one.arms[0],
                right=one.arms[1],
                choice=one.choice,
                rater=one.rater,
                prompt=one.prompt_hash,
                probability=one.probability,
                check="gold" if one.gold is not None else "repeat" if one.repeats else None,
                expected=None if one.gold is None else ("left" if SIDES[one.gold] == "left" else "right"),
                dwell_ms=one.dwell_ms,
                judged=judged.get(one.id),
                covariates=covariates.get(one.id, ()),
            )


def as_votes(
    answered: Iterable[Answered],
    arms: Sequence[str],
    judged: Mapping[str, float] | None = None,
    covariates: Covariates | None = None,
    names: Sequence[str] = (),
) -> Votes:
    """Those that count, on arms that there are. `names` are those of `covariates`, which all of them have."""
    known = set(arms)
    rows = as_rows(answered, judged, covariates)
    return Votes.from_rows((row for row in rows if row.check is None and {row.left, row.right} <= known), arms, names)


def as_picks(answered: Iterable[Answered], arms: Sequence[str]) -> Picks:
    """Of screens of several, those on which a picture was picked."""
    picks = (
        Pick(one.arms, one.arms[int(one.choice)], one.rater, one.prompt_hash, one.probability)
        for one in answered
        if len(one.arms) > 2 and one.choice.isdecimal()
    )
    return Picks.from_rows(picks, arms)

"""Answered ballots as the columns that the statistics work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from router.experiments.ballots.model import SIDES, Answered
from router.experiments.statistics.picks import Pick, Picks
from router.experiments.statistics.votes import POINTS, Vote, Votes


def as_rows(answered: Iterable[Answered], judged: Mapping[str, float] | None = None) -> Iterator[Vote]:
    """Votes on pairs, checks among them. `judged` is what a judge says of a ballot's left picture, by ballot."""
    judged = judged or {}
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
            )


def as_votes(answered: Iterable[Answered], arms: Sequence[str], judged: Mapping[str, float] | None = None) -> Votes:
    """Those that count, on arms that there are."""
    known = set(arms)
    rows = (row for row in as_rows(answered, judged) if row.check is None and {row.left, row.right} <= known)
    return Votes.from_rows(rows, arms)


def as_picks(answered: Iterable[Answered], arms: Sequence[str]) -> Picks:
    """Of screens of several, those on which a picture was picked."""
    picks = (
        Pick(one.arms, one.arms[int(one.choice)], one.rater, one.prompt_hash, one.probability)
        for one in answered
        if len(one.arms) > 2 and one.choice.isdecimal()
    )
    return Picks.from_rows(picks, arms)

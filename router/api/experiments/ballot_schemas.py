"""Bodies of blind votes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field

from configs.frozen import Frozen
from router.api.links import link
from router.experiments.ballots.model import SIDES, Ballot, Sitting
from router.experiments.ballots.store import Handed

Rater = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern="^[!-~]+$",
        description="Who votes; you, if left out. Where people sign in, only admins and programs name others",
    ),
]
BallotIdText = Annotated[str, Field(min_length=1, max_length=64, pattern="^[!-~]+$")]


class BallotsWish(Frozen):
    """How many ballots, and which are at hand already."""

    count: int = Field(default=5, ge=1, le=20, description="up to so many; a screen with its next few")
    holding: tuple[BallotIdText, ...] = Field(
        default=(), max_length=100, description="ballots that you have here, unanswered: others come"
    )
    rater: Rater | None = None


class BallotBody(Frozen):
    """All that a screen needs, and nothing that tells which arm drew what. Both pictures (all, of a screen of several)
    can be fetched until `expires_at`; decode all before you show any."""

    id: str
    prompt: str
    choices: tuple[str, ...] = Field(description="left, right (or a place from 0 on), tie, both_bad, skip")
    criteria: tuple[str, ...] = Field(description="that may be answered beside the overall choice")
    left: str | None = Field(default=None, description="URL; of a pair")
    right: str | None = Field(default=None, description="URL; of a pair")
    pictures: tuple[str, ...] = Field(description="URLs, from left to right")
    width: int
    height: int
    place: int = Field(description="in this sitting, from 1")
    of: int = Field(description="ballots in a sitting")
    expires_at: datetime


class BallotsBody(Frozen):
    """Ballots to answer, those that you left unanswered first. `note` says why there are none."""

    ballots: tuple[BallotBody, ...]
    note: str | None = None


class VoteBody(Frozen):
    """What a rater says of a ballot."""

    choice: str = Field(max_length=16, description="one of the ballot's `choices`", examples=["left"])
    criteria: dict[str, str] = Field(
        default={}, max_length=8, description="by criterion: a side or tie", examples=[{"style": "right"}]
    )
    dwell_ms: int | None = Field(default=None, ge=0, le=86_400_000, description="from paint to answer")
    supersedes: int | None = Field(
        default=None, ge=1, le=1_000_000, description="to change an answer: its `vote`, until the sitting is over"
    )
    client: str = Field(default="", max_length=64, description="with what it was answered")
    rater: Rater | None = None


class VoteTaken(Frozen):
    """An answer as it counts. `vote` is its number: send it as `supersedes` to change it."""

    ballot: str
    vote: int
    choice: str
    criteria: dict[str, str]
    revealed: bool = Field(description="the sitting is over with it: POST …/reveal tells what was what")


class RevealWish(Frozen):
    """Whose sitting."""

    rater: Rater | None = None


class RevealedBallot(Frozen):
    """What was what. `check` is repeat or gold where it was a hidden check, which counts for no arm; `passed` whether
    the picture that is known to be better was chosen."""

    id: str
    prompt: str
    arms: tuple[str, ...] = Field(description="from left to right")
    jobs: tuple[str, ...] = Field(description="that drew the pictures")
    choice: str
    criteria: dict[str, str]
    chosen: str | None = Field(default=None, description="the arm that was preferred")
    check: Literal["repeat", "gold"] | None = None
    passed: bool | None = None


class SittingBody(Frozen):
    """A sitting that is over."""

    sitting: int
    ballots: tuple[RevealedBallot, ...]


def ballots_body(request: Request, handed: Handed, rater: str | None) -> BallotsBody:
    """With absolute links to the pictures."""
    config = handed.experiment.phase.config
    bodies = tuple(_ballot_body(request, one, config.criteria, config.ballots.sitting, rater) for one in handed.ballots)
    return BallotsBody(ballots=bodies, note=None if bodies else _why_none(handed))


def _ballot_body(
    request: Request, ballot: Ballot, criteria: tuple[str, ...], size: int, rater: str | None
) -> BallotBody:
    places = SIDES if len(ballot.arms) == 2 else tuple(map(str, range(len(ballot.arms))))
    urls = tuple(_picture_url(request, ballot.id, place, rater) for place in places)
    left, right = urls if len(urls) == 2 else (None, None)
    return BallotBody(
        id=ballot.id,
        prompt=ballot.shown.prompt,
        choices=ballot.choices,
        criteria=criteria,
        left=left,
        right=right,
        pictures=urls,
        width=ballot.shown.width,
        height=ballot.shown.height,
        place=ballot.place,
        of=size,
        expires_at=ballot.leased_until,
    )


def _picture_url(request: Request, ballot_id: str, place: str, rater: str | None) -> str:
    url = link(request, "ballot_picture", ballot_id=ballot_id, place=place)
    return str(url if rater is None else url.include_query_params(rater=rater))


def _why_none(handed: Handed) -> str:
    if not handed.pool:
        return "nothing can be compared yet: there is no prompt that two arms have drawn in the same size"
    most = handed.experiment.phase.config.stop.max_votes
    if not handed.lent.wanted:
        return f"there are all {most} votes that were asked for (stop.max_votes): no more are wanted"
    if handed.lent.wanted <= handed.lent.elsewhere:
        return f"the last of {most} votes (stop.max_votes) are being cast: ask again in a quarter of an hour"
    return "you have seen all that can be compared so far"


def sitting_body(sitting: Sitting) -> SittingBody:
    """What was what."""
    return SittingBody(sitting=sitting.number, ballots=tuple(map(_revealed, sitting.ballots)))


def _revealed(ballot: Ballot) -> RevealedBallot:
    cast = ballot.cast
    assert cast is not None
    place = _place_of(cast.choice)
    return RevealedBallot(
        id=ballot.id,
        prompt=ballot.shown.prompt,
        arms=ballot.arms,
        jobs=tuple(picture.job for picture in ballot.shown.pictures),
        choice=cast.choice,
        criteria=dict(cast.criteria),
        chosen=None if place is None else ballot.arms[place],
        check=ballot.check,
        passed=None if ballot.gold is None else place == ballot.gold,
    )


def _place_of(choice: str) -> int | None:
    if choice in SIDES:
        return SIDES.index(choice)
    return int(choice) if choice.isdecimal() else None


def vote_taken(ballot: Ballot) -> VoteTaken:
    """A ballot's answer."""
    cast = ballot.cast
    assert cast is not None
    return VoteTaken(
        ballot=ballot.id,
        vote=cast.number,
        choice=cast.choice,
        criteria=dict(cast.criteria),
        revealed=cast.revealed,
    )

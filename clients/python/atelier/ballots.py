"""Blind votes: what the studio lends to a rater, what it takes, and what was what when a sitting is over."""

from __future__ import annotations

from datetime import datetime

from atelier.models import Body


class Ballot(Body):
    """Pictures to judge, and nothing that tells which arm drew which. `pictures` are their addresses, from left to
    right; `choices` what may be said of them; `criteria` what may be answered beside."""

    id: str
    prompt: str
    choices: tuple[str, ...]
    criteria: tuple[str, ...] = ()
    pictures: tuple[str, ...]
    width: int
    height: int
    place: int
    of: int
    expires_at: datetime


class Ballots(Body):
    """Ballots to answer; `note` says why there are none."""

    ballots: tuple[Ballot, ...]
    note: str | None = None


class Vote(Body):
    """An answer as it counts. To change it, send its `vote` as `supersedes`, until its sitting is `revealed`."""

    ballot: str
    vote: int
    choice: str
    criteria: dict[str, str] = {}
    revealed: bool = False


class RevealedBallot(Body):
    """What was what: the arms and jobs from left to right. `check` is repeat or gold where it was a hidden check."""

    id: str
    prompt: str
    arms: tuple[str, ...]
    jobs: tuple[str, ...] = ()
    choice: str
    criteria: dict[str, str] = {}
    chosen: str | None = None
    check: str | None = None
    passed: bool | None = None


class Sitting(Body):
    """A sitting that is over."""

    sitting: int
    ballots: tuple[RevealedBallot, ...]

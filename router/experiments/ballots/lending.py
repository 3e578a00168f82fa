"""The transaction that lends ballots: what was left unanswered first, then new ones, and none beyond the votes that an
experiment asks for."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from router.experiments.ballots import rows, statements
from router.experiments.ballots.choosing import Arms, Chooser, Seen
from router.experiments.ballots.model import LEASE, Ballot
from router.experiments.ballots.transactions import check_open, name_rater, of_rater

MakeChooser = Callable[[Sequence[Ballot], Seen], Chooser]
"""Of a rater's ballots so far, and how often what was shown."""


@dataclass(frozen=True, slots=True)
class Order:
    """Up to `count` ballots for a rater beside those that they are `holding`, until the phase has `most_votes`."""

    experiment: str
    phase: int
    rater: str
    count: int
    holding: Collection[str]
    sitting: int
    most_votes: int


@dataclass(frozen=True, slots=True)
class Lent:
    """Ballots that were lent. `wanted` is how many votes the phase still wants, `elsewhere` how many of them somebody
    has ballots for at this moment."""

    ballots: tuple[Ballot, ...]
    wanted: int
    elsewhere: int


def lease(connection: Connection, order: Order, make: MakeChooser, now: datetime) -> Lent:
    """Unanswered ones first, then new ones; fewer where there are no more, or no more are wanted. Raises
    `StateConflict`."""
    check_open(connection, order.experiment, order.phase)
    rater = name_rater(connection, order.rater)
    found = connection.execute(statements.OF_RATER, of_rater(order.experiment, order.phase, rater)).all()
    mine = [rows.read_ballot(row) for row in found]
    wanted, elsewhere = _count_wanted(connection, order, rater, now)
    held = sum(one.cast is None and one.check is None and one.id in order.holding for one in mine)
    count = min(order.count, max(0, wanted - elsewhere - held))
    seats = _Seats(mine, order.sitting)
    waiting = [one for one in mine if one.cast is None and one.shown.pictures and one.id not in order.holding][:count]
    lent = [_lend_again(connection, one, seats, now) for one in waiting]
    if len(lent) < count:
        chooser = make(mine, _count_seen(connection, order))
        new: list[Ballot] = []
        while len(lent) + len(new) < count and (drafted := chooser.next()) is not None:
            seat = seats.take()
            id = secrets.token_hex(16)
            new.append(drafted.become(id, order.experiment, order.phase, rater, seat, now, now + LEASE))
        statements.INSERT_BALLOTS.run(connection, *map(rows.ballot_row, new))
        lent += new
    return Lent(tuple(lent), wanted, elsewhere + held)


def _count_wanted(connection: Connection, order: Order, rater: str, now: datetime) -> tuple[int, int]:
    """Votes that are missing, and how many of them others have ballots for. Checks and skips are no votes."""
    of = of_rater(order.experiment, order.phase, rater) | {"now": now}
    counted = connection.execute(statements.COUNTED, of).one()
    return max(0, order.most_votes - counted.votes), counted.lent


class _Seats:
    """Where a rater's next ballots sit: in the last sitting, while it is neither full nor told of."""

    def __init__(self, mine: Sequence[Ballot], size: int) -> None:
        self._size = size
        self._number = max((one.sitting for one in mine), default=1)
        self._taken = [one.place for one in mine if one.sitting == self._number]
        if any(one.is_revealed for one in mine if one.sitting == self._number):
            self._next()

    def _next(self) -> None:
        self._number, self._taken = self._number + 1, []

    def take(self) -> tuple[int, int]:
        """Sitting and place."""
        if len(self._taken) >= self._size:
            self._next()
        self._taken.append(max(self._taken, default=0) + 1)
        return self._number, self._taken[-1]

    def has(self, ballot: Ballot) -> bool:
        """It sits where answers still count for a sitting that is not over."""
        return ballot.sitting == self._number


def _lend_again(connection: Connection, ballot: Ballot, seats: _Seats, now: datetime) -> Ballot:
    """For another while; out of a sitting that is over into the one that is not."""
    until = now + LEASE
    if seats.has(ballot):
        connection.execute(statements.LEND, {"of_id": ballot.id, "until": until})
        return replace(ballot, leased_until=until)
    sitting, place = seats.take()
    to = {"of_id": ballot.id, "until": until, "to_sitting": sitting, "to_place": place}
    connection.execute(statements.SEAT, to)
    return replace(ballot, leased_until=until, sitting=sitting, place=place)


def _count_seen(connection: Connection, order: Order) -> Mapping[tuple[str, Arms], int]:
    counts: dict[tuple[str, Arms], int] = {}
    of = {"of_experiment": order.experiment, "of_phase": order.phase}
    for row in connection.execute(statements.SEEN, of):
        key = row.prompt, tuple(sorted(row.arms.split(" ")))
        counts[key] = counts.get(key, 0) + row.times
    return counts

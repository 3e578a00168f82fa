"""The transactions of ballots that were lent (`lending.py`): each public function is one, run as a whole on a thread of
the database."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from configs.errors import Expired, InvalidRequest, NotFound, StateConflict
from router.experiments.ballots import rows, statements
from router.experiments.ballots.model import Answer, Ballot, Cast, Sitting
from router.experiments.model import Status
from router.experiments.transactions import not_started
from router.people.audit.model import Signature
from router.people.audit.writing import write_line


def cast(
    connection: Connection,
    id: str,
    rater: str,
    answer: Answer,
    sitting: int,
    check: Callable[[Ballot], None],
    now: datetime,
) -> Ballot:
    """The ballot with its answer; the last one of a sitting ends it. `check` looks at the ballot, and raises. Raises
    `NotFound`, `Expired` and `StateConflict`."""
    ballot = require(connection, id, rater)
    check(ballot)
    last = ballot.cast
    if last is not None and last.says(answer.choice, answer.criteria):
        return ballot
    check_open(connection, ballot.experiment, ballot.phase)
    ballot = require(connection, id, rater)  # as it is under the lock
    last = ballot.cast
    if last is not None and last.says(answer.choice, answer.criteria):
        return ballot
    _check_change(ballot, answer)
    if last is None and ballot.leased_until < now:
        raise lease_over(ballot)
    number = 1 if last is None else last.number + 1
    said = Cast(number, answer.choice, answer.criteria, answer.dwell_ms, answer.client, False, now)
    statements.INSERT_VOTES.run(connection, rows.vote_row(id, said))
    if _is_over(connection, ballot, sitting):
        _reveal(connection, ballot)
        said = replace(said, revealed=True)
    return replace(ballot, cast=said)


def reveal(connection: Connection, id: str, rater: str, now: datetime) -> Sitting:
    """The sitting of a ballot, over from here on; what it has that is unanswered must be asked for again. Raises
    `NotFound`, and `StateConflict` where nothing in it is answered yet."""
    experiment = require(connection, id, rater).experiment
    connection.execute(statements.LOCK, {"of_experiment": experiment}).all()
    ballot = require(connection, id, rater)  # as it is under the lock
    before = _sitting(connection, ballot)
    if not any(one.cast for one in before):
        raise StateConflict("nothing in this sitting is answered yet: there is nothing to tell of")
    _reveal(connection, ballot)
    for one in before:
        if one.cast is None and one.leased_until > now:
            connection.execute(statements.LEND, {"of_id": one.id, "until": now})
    return Sitting(ballot.sitting, tuple(one for one in _sitting(connection, ballot) if one.cast is not None))


def require(connection: Connection, id: str, rater: str) -> Ballot:
    """A ballot of a rater, by name. Raises `NotFound`."""
    row = connection.execute(statements.BALLOT, {"of_id": id}).one_or_none()
    pseudonym = connection.execute(statements.PSEUDONYM, {"of_rater": rater}).scalar_one_or_none()
    if row is None or row.rater != pseudonym:
        raise not_yours(id)
    return rows.read_ballot(row)


def not_yours(id: str) -> NotFound:
    return NotFound(f"there is no ballot '{id[:64]}' of yours", "id")


def lease_over(ballot: Ballot) -> Expired:
    return Expired(f"ballot {ballot.id} was lent until {ballot.leased_until:%H:%M:%S} UTC: ask for ballots again")


def name_rater(connection: Connection, rater: str) -> str:
    """The pseudonym of a rater, which they get with their first ballot."""
    new = {"rater": rater, "pseudonym": f"r_{secrets.token_hex(8)}"}
    statements.INSERT_RATER.run(connection, new)
    return str(connection.execute(statements.PSEUDONYM, {"of_rater": rater}).scalar_one())


def forget(connection: Connection, rater: str, signature: Signature | None, now: datetime) -> None:
    """Their ballots and votes are nobody's from here on; the audit does not say whose they were. Raises `NotFound`."""
    if not connection.execute(statements.FORGET_RATER, {"of_rater": rater}).rowcount:
        raise NotFound(f"nobody has voted as '{rater[:64]}'", "rater")
    write_line(connection, signature, "rater.forget", ("raters", "erased"), {}, now)


def take_in(
    connection: Connection,
    experiment: str,
    phase: int,
    ballots: Sequence[tuple[Ballot, Cast]],
    names: Sequence[str],
    signature: Signature | None,
    now: datetime,
) -> int:
    """Ballots that were answered elsewhere, whose raters are `names` or pseudonyms already. Raises `StateConflict`."""
    check_open(connection, experiment, phase)
    pseudonyms = {name: name_rater(connection, name) for name in names}
    given = [replace(one, rater=pseudonyms.get(one.rater, one.rater)) for one, _ in ballots]
    statements.INSERT_BALLOTS.run(connection, *map(rows.ballot_row, given))
    statements.INSERT_VOTES.run(connection, *(rows.vote_row(one.id, cast) for one, cast in ballots))
    told = {"phase": phase, "votes": len(ballots)}
    write_line(connection, signature, "votes.import", ("experiments", experiment), told, now)
    return len(ballots)


def check_open(connection: Connection, experiment: str, phase: int) -> None:
    """Takes the experiment's lock. Raises `NotFound`, and `StateConflict` for a phase that is over."""
    row = connection.execute(statements.LOCK, {"of_experiment": experiment}).one_or_none()
    if row is None:
        raise not_started(experiment)
    if row.status == Status.STOPPED.value:
        raise StateConflict(f"experiment {experiment} is over: its votes are counted as they are")
    if row.phase != phase:
        raise StateConflict(f"phase {phase} of experiment {experiment} is over: ask for ballots of phase {row.phase}")


def _check_change(ballot: Ballot, answer: Answer) -> None:
    last = ballot.cast
    if last is None:
        if answer.supersedes is not None:
            raise StateConflict(f"ballot {ballot.id} has no answer yet: leave supersedes out")
        return
    if last.revealed:
        raise StateConflict("this sitting is over, and you know what was what: its answers stay as they are")
    if answer.supersedes != last.number:
        raise StateConflict(
            f"ballot {ballot.id} was answered with '{last.choice}' before: to change that, "
            f"send supersedes: {last.number}"
        )


def _is_over(connection: Connection, ballot: Ballot, size: int) -> bool:
    sitting = _sitting(connection, ballot)
    return len(sitting) >= size and all(one.cast is not None for one in sitting)


def _sitting(connection: Connection, ballot: Ballot) -> list[Ballot]:
    of = of_rater(ballot.experiment, ballot.phase, ballot.rater) | {"of_sitting": ballot.sitting}
    return [rows.read_ballot(row) for row in connection.execute(statements.OF_SITTING, of).all()]


def _reveal(connection: Connection, ballot: Ballot) -> None:
    of = of_rater(ballot.experiment, ballot.phase, ballot.rater) | {"of_sitting": ballot.sitting}
    connection.execute(statements.REVEAL, of)


def of_rater(experiment: str, phase: int, rater: str) -> dict[str, Any]:
    return {"of_experiment": experiment, "of_phase": phase, "of_rater": rater}


def check_answer(ballot: Ballot, answer: Answer, criteria: Collection[str]) -> None:
    """Raises `InvalidRequest` for what cannot be said of this ballot."""
    if answer.choice not in ballot.choices:
        raise InvalidRequest(f"choice: must be one of {', '.join(ballot.choices)}", "choice", ballot.choices)
    may = tuple(choice for choice in ballot.choices if choice not in ("both_bad", "skip"))
    for name, choice in answer.criteria.items():
        if name not in criteria:
            asked = ", ".join(criteria) if criteria else "none"
            raise InvalidRequest(f"criteria: '{name[:64]}' is not asked here; asked is {asked}", "criteria")
        if choice not in may:
            raise InvalidRequest(f"criteria.{name}: must be one of {', '.join(may)}", f"criteria.{name}", may)

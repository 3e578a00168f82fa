"""Lines of jobs' logs, as they are written: each also takes the next number among all that its owner's jobs have told.

A database's own sequence would not do: PostgreSQL gives numbers before it commits, so that a reader who has seen 8 may
find 7 later, behind its back. The counter of an owner is a row that is locked from here to the commit: what can be read
is always the beginning of what there is, without gaps, and a reader who has seen a number has seen all before it.
Transactions therefore write their lines last: nothing else is locked after the counter, so nobody waits in a circle.
What webhooks are told of the lines is rows that are new, and are this owner's alone until then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, text

from router.jobs import rows
from router.jobs.model import HELD_BACK, JobEvent
from router.jobs.tables import job_events
from router.storage.insertion import Insertion
from router.webhooks.statements import IS_HEARD
from router.webhooks.telling import tell_webhooks

INSERT_EVENT = Insertion(job_events)
# The same words on both engines; SQLAlchemy spells ON CONFLICT only per dialect.
TAKE_NUMBERS = text(
    "INSERT INTO event_streams (owner, last) VALUES (:owner, :events)"
    " ON CONFLICT (owner) DO UPDATE SET last = event_streams.last + excluded.last"
    f" RETURNING last, {IS_HEARD} AS is_heard"
)

NUMBER_AND_INSERT = text(
    f"WITH taken AS ({TAKE_NUMBERS.text})"  # noqa: S608 - both are ours
    " INSERT INTO job_events (job_id, seq, type, payload, at, owner, number)"
    " VALUES (:job_id, :seq, :type, :payload, :at, :owner, (SELECT last FROM taken))"
    " RETURNING (SELECT is_heard FROM taken)"
)
"""Of PostgreSQL, which can do both for one event in one call."""


def write_events(connection: Connection, owner: str, *events: JobEvent) -> None:
    """Add lines to logs of jobs of one owner, and have webhooks told of them; each was numbered under its job's row
    lock. Owners who are nobody have no stream, and nobody hears of them."""
    if not events:
        return
    if owner.startswith(HELD_BACK):
        INSERT_EVENT.run(connection, *(rows.event_row(event) for event in events))
        return
    if len(events) == 1 and connection.dialect.name == "postgresql":
        numbered_row = rows.event_row(events[0]) | {"owner": owner, "events": 1}
        if connection.execute(NUMBER_AND_INSERT, numbered_row).scalar_one():
            tell_webhooks(connection, events)
        return
    taken = connection.execute(TAKE_NUMBERS, {"owner": owner, "events": len(events)}).one()
    first = taken.last - len(events) + 1
    numbered = (rows.event_row(event) | {"owner": owner, "number": first + i} for i, event in enumerate(events))
    INSERT_EVENT.run(connection, *numbered)
    if taken.is_heard:
        tell_webhooks(connection, events)


def write_all(connection: Connection, events: Iterable[tuple[str, JobEvent]]) -> None:
    """The same for lines of several owners, whose counters are locked in one order."""
    by_owner: dict[str, list[JobEvent]] = defaultdict(list)
    for owner, event in events:
        by_owner[owner].append(event)
    for owner in sorted(by_owner):
        write_events(connection, owner, *by_owner[owner])

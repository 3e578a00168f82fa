"""What is to be sent, as a queue in the database: taken under a lease, and ended by whoever holds the last one.

A sender that dies leaves a lease that runs out, and the next one sends again: at least once. Of two senders, the one
that was too slow finds that its attempt has another's number after it, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from router.people.audit.model import SYSTEM
from router.storage.database import AnyRow, Database
from router.storage.documents import UnreadableDocument
from router.webhooks import statements
from router.webhooks.disabling import disable
from router.webhooks.model import DATA, Attempt, Sending, Verdict, read_data

LEASE_SECONDS = 60.0
"""Four times the longest request."""
KEPT = timedelta(days=30)
"""Deliveries that have ended, to be looked at and sent again."""
_PURGED_AT_ONCE = 500

Judge = Callable[[datetime | None], Verdict]
"""What follows from an attempt to a webhook whose attempts have failed since a time, or not."""


class DeliveryQueue:
    """Every method raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def lease(self, room: int, at_most: int, busy: Mapping[str, int]) -> tuple[Sending, ...]:
        """Up to `room` that are due, those of who waits longest first; of each webhook `at_most` less those that are
        `busy` here."""
        now = self._clock()
        due = await self._database.read(statements.DUE, now=now)
        shares: dict[str, int] = {}
        for row in due:
            share = min(row.due, at_most - busy.get(row.webhook, 0), room - sum(shares.values()))
            if share > 0:
                shares[row.webhook] = share
        return await self._database.write(_lease, shares, now) if shares else ()

    async def end(self, sending: Sending, attempt: Attempt, judge: Judge) -> Verdict | None:
        """Note an attempt and what follows from it, which it returns; None where another sender has gone on with it."""
        return await self._database.write(_end, sending, attempt, judge, self._clock())

    async def settle_batches(self) -> None:
        """Have the end of batches told of which nothing is left to do."""
        if await self._database.read(statements.ENDED_BATCHES):
            await self._database.write(_settle_batches, self._clock())

    async def tidy(self) -> None:
        """Forget what ended long ago, and secrets whose time is over."""
        now = self._clock()
        while old := await self._database.read(statements.OLD, before=now - KEPT, most=_PURGED_AT_ONCE):
            await self._database.write(_purge, old)
        ((secrets,),) = await self._database.read(statements.OLD_SECRETS, now=now)
        if secrets:
            await self._database.write(_forget_secrets, now)

    async def overdue_seconds(self) -> float:
        """For how long the first of what is due has been, but for webhooks that asked for a pause; 0 for nothing."""
        now = self._clock()
        due = await self._database.read(statements.DUE, now=now)
        return max(((now - row.since).total_seconds() for row in due), default=0.0)


def _lease(connection: Connection, shares: Mapping[str, int], now: datetime) -> tuple[Sending, ...]:
    until = now + timedelta(seconds=LEASE_SECONDS)
    taken: list[Sending] = []
    for webhook in sorted(shares):  # in one order: two who lease wait for each other
        asked = {"of_webhook": webhook, "room": shares[webhook], "now": now, "until": until}
        rows = connection.execute(statements.LEASE, asked).all()
        one = connection.execute(statements.ONE, {"of_webhook": webhook}).one_or_none()
        if one is not None:
            taken += _read_sendings(one, rows, now)
    return tuple(sorted(taken, key=lambda sending: (sending.at, sending.id)))


def _read_sendings(webhook: AnyRow, rows: Sequence[AnyRow], now: datetime) -> Iterator[Sending]:
    """Those that this release can read; the others are left to one that can."""
    keys = [webhook.secret]
    if webhook.old_secret is not None and webhook.old_secret_until > now:
        keys.append(webhook.old_secret)
    for row in rows:
        with suppress(UnreadableDocument):
            data = read_data(row.data)
            numbers = {"number": row.attempts, "tries": row.tries}
            yield Sending(row.webhook, row.id, row.type, row.at, data, webhook.url, tuple(keys), **numbers)


def _end(connection: Connection, sending: Sending, attempt: Attempt, judge: Judge, now: datetime) -> Verdict | None:
    webhook = connection.execute(statements.ONE, {"of_webhook": sending.webhook}).one_or_none()
    if webhook is None:
        return None
    verdict = judge(webhook.failing_since)
    outcome = "delivered" if attempt.succeeded else "failed" if verdict.again_at is None else "pending"
    which = {"of_webhook": sending.webhook, "of_delivery": sending.id}
    due = {"outcome": outcome, "due": verdict.again_at or now, "number": sending.number}
    if connection.execute(statements.END, which | due).one_or_none() is None:
        return None
    row: dict[str, Any] = {"webhook": sending.webhook, "delivery": sending.id, "number": attempt.number}
    row |= {"at": attempt.at, "seconds": attempt.seconds, "status": attempt.status}
    statements.INSERT_ATTEMPT.run(connection, row | {"error": attempt.error, "answer": attempt.answer})
    of_webhook = {"of_webhook": sending.webhook, "now": now}
    if attempt.succeeded:
        connection.execute(statements.HEARD, of_webhook)
    else:
        connection.execute(statements.MISSED, of_webhook | {"pause": verdict.paused_until})
    if verdict.disabled:
        disable(connection, sending.webhook, verdict.disabled, SYSTEM, now)
    return verdict


def _settle_batches(connection: Connection, now: datetime) -> None:
    for row in connection.execute(statements.ENDED_BATCHES).all():
        counted = connection.execute(statements.OUTCOMES, {"of_batch": row.subject}).all()
        data = read_data(row.data) | {"jobs": {one.status: one.jobs for one in counted}}
        ended_at = max((one.last for one in counted if one.last is not None), default=now)
        told = {"of_webhook": row.webhook, "of_delivery": row.id, "told": DATA.write(data), "now": now}
        connection.execute(statements.SETTLE, told | {"ended_at": ended_at})


def _purge(connection: Connection, old: Sequence[AnyRow]) -> None:
    for row in old:
        connection.execute(statements.PURGE, {"of_webhook": row.webhook, "of_delivery": row.id})


def _forget_secrets(connection: Connection, now: datetime) -> None:
    connection.execute(statements.FORGET_OLD_SECRETS, {"now": now})

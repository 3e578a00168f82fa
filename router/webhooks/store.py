"""Webhooks in the database: made, changed, deleted by their owner, with what each was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from configs.errors import NotFound
from router.people.audit.model import Signature
from router.people.viewer import Viewer
from router.storage.database import AnyRow, Database
from router.webhooks import statements, transactions
from router.webhooks.model import Attempt, Delivery, DeliveryState, Webhook
from router.webhooks.queue import DeliveryQueue
from router.webhooks.transactions import NewWebhook, WebhookChange


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WebhookStore:
    """Every method raises `NotFound` for a webhook that somebody does not see, `NotAllowed` for one of a space that is
    another's, and `StoreUnavailable`. What changes something takes the signature of its audit line."""

    def __init__(self, database: Database, most: int, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times. An owner may have `most`."""
        self._database, self._most, self._clock = database, most, clock
        self.queue = DeliveryQueue(database, clock)
        """What is to be sent of them."""

    async def create(self, viewer: Viewer, new: NewWebhook, by: Signature | None = None) -> tuple[Webhook, str]:
        """One more, and its secret, which nobody can be told again. Raises `StateConflict` for one too many."""
        return await self._database.write(transactions.create, viewer, new, self._most, by, self._clock())

    async def of(self, owner: str) -> tuple[Webhook, ...]:
        """All of somebody's, the oldest first."""
        return tuple(map(transactions.read_webhook, await self._database.read(statements.OF_OWNER, of_owner=owner)))

    async def webhook(self, viewer: Viewer, id: str) -> Webhook:
        """One of theirs."""
        found = await self._database.read(statements.ONE, of_webhook=_plain(id))
        return transactions.read_webhook(transactions.check(viewer, id, found[0] if found else None))

    async def change(self, viewer: Viewer, id: str, change: WebhookChange, by: Signature | None = None) -> Webhook:
        """What is None stays. One that was disabled and is taken into use again has nothing against it."""
        return await self._database.write(transactions.change, viewer, _plain(id), change, by, self._clock())

    async def rotate(self, viewer: Viewer, id: str, by: Signature | None = None) -> tuple[Webhook, str]:
        """Another secret, which nobody can be told again; the old one signs, too, for a day."""
        return await self._database.write(transactions.rotate, viewer, _plain(id), by, self._clock())

    async def remove(self, viewer: Viewer, id: str, by: Signature | None = None) -> None:
        """It is told nothing more, and what it was told is forgotten."""
        await self._database.write(transactions.remove, viewer, _plain(id), by, self._clock())

    async def test(self, viewer: Viewer, id: str) -> Delivery:
        """Have a `webhook.test` sent, as all else is. Raises `StateConflict` for one that is disabled."""
        row = await self._database.write(transactions.test, viewer, _plain(id), self._clock())
        return _read(row, ())

    async def replay(self, viewer: Viewer, id: str, delivery: str) -> Delivery:
        """Send something again, at once and from the beginning of the schedule. Raises `StateConflict` for a webhook
        that is disabled, and `NotFound` for what it was never told."""
        row = await self._database.write(transactions.replay, viewer, _plain(id), _plain(delivery), self._clock())
        return (await self._with_attempts([row]))[0]

    async def replay_failed(self, viewer: Viewer, id: str, since: datetime) -> int:
        """The same for all that has failed of what happened since; how many that are."""
        return await self._database.write(transactions.replay_failed, viewer, _plain(id), since, self._clock())

    async def deliveries(
        self,
        viewer: Viewer,
        id: str,
        limit: int,
        before: str | None = None,
        state: DeliveryState | None = None,
    ) -> tuple[Delivery, ...]:
        """What it was told, and is to be, the newest event first; `before` is the id of the last one of the page before
        (an empty page where that is gone)."""
        await self.webhook(viewer, id)
        page: dict[str, object] = {"of_webhook": id, "page": limit}
        statement = statements.NEWEST
        if before is not None:
            last = await self._database.read(statements.DELIVERY, of_webhook=id, of_delivery=_plain(before))
            if not last:
                return ()
            statement, page = statements.BEFORE, page | {"of_delivery": last[0].id, "before_at": last[0].at}
        if state is not None:
            statement, page = statement.where(statements.IN_STATE), page | {"state": state}
        return await self._with_attempts(await self._database.read(statement, **page))

    async def delivery(self, viewer: Viewer, id: str, delivery: str) -> Delivery:
        """One of them. Raises `NotFound`."""
        await self.webhook(viewer, id)
        found = await self._database.read(statements.DELIVERY, of_webhook=id, of_delivery=_plain(delivery))
        if not found:
            raise NotFound(f"This webhook was never told {delivery[:100]}")
        return (await self._with_attempts(found))[0]

    async def _with_attempts(self, rows: Sequence[AnyRow]) -> tuple[Delivery, ...]:
        if not rows:
            return ()
        asked = {"of_webhook": rows[0].webhook, "ids": [row.id for row in rows]}
        made: dict[str, list[Attempt]] = defaultdict(list)
        for one in await self._database.read(statements.ATTEMPTS, **asked):
            made[one.delivery].append(Attempt(one.number, one.at, one.seconds, one.status, one.error, one.answer))
        return tuple(_read(row, tuple(made[row.id])) for row in rows)


def _read(row: AnyRow, attempts: tuple[Attempt, ...]) -> Delivery:
    return Delivery(row.webhook, row.id, row.type, row.subject, row.at, row.state, row.due_at, attempts)


def _plain(id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    return id if id.isascii() and id.isprintable() else ""

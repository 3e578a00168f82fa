"""The audit as the studio holds it: signatures for changes, lines of their own, and what was written, read back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from router.people.audit import statements
from router.people.audit.model import AuditFilter, AuditLine, On, Signature
from router.people.audit.told import TOLD
from router.people.audit.writing import write_line
from router.people.principal import Principal
from router.storage.database import AnyRow, Database
from router.storage.documents import UnreadableDocument

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; empty outside of one."""
_AT_ONCE = 500  # lines of an export that are read together


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AuditStore:
    """An append-only log. Raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    @staticmethod
    def sign(principal: Principal) -> Signature:
        """Of whoever asks, in this request: for the store method that makes the change and writes its line with it."""
        return Signature(principal.id, principal.how, principal.key, REQUEST_ID.get())

    async def note(self, principal: Principal, action: str, on: On, told: Mapping[str, Any] | None = None) -> None:
        """A line in a transaction of its own, for a change that the database does not hold or that is committed
        already. Where it fails, the request does: whoever asked is told, and asks again. Prefer `sign` and `write_line`
        in the change's own transaction, which no crash can come between. Raises `ValueError` as `write_line`."""
        await self._database.write(write_line, self.sign(principal), action, on, told or {}, self._clock())

    async def page(self, chosen: AuditFilter, limit: int, before: int | None = None) -> tuple[AuditLine, ...]:
        """Lines, newest first; `before` is the `seq` of the last one of the page before."""
        return tuple(map(_read, await self._database.read(statements.newest_first(chosen, before, limit))))

    async def lines(self, chosen: AuditFilter) -> AsyncIterator[AuditLine]:
        """All lines in their order, a few hundred at a time; those that are written meanwhile come, too."""
        after = 0
        while found := await self._database.read(statements.oldest_first(chosen, after, _AT_ONCE)):
            for row in found:
                yield _read(row)
            after = found[-1].seq


def _read(row: AnyRow) -> AuditLine:
    told: dict[str, Any] = {}
    with suppress(UnreadableDocument):  # of a line that somebody has damaged, the rest is told
        told = TOLD.read(row.told)
        told.pop("document_version", None)
    on = (row.on_kind, row.on_id)
    return AuditLine(row.seq, row.at, row.who, row.how, row.key, row.action, on, told, row.request_id)

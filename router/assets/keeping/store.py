"""What people make of pictures that are there: favourites, tags, deletion, and its undoing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from router.assets.keeping import statements, transactions
from router.assets.keeping.tagging import plain_tags
from router.people.audit.model import Signature
from router.people.viewer import Viewer
from router.storage.database import Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


class KeepingStore:
    """Every method is one transaction. It raises `NotFound` for a picture that is not there or not seen, `NotAllowed`
    for one that is not theirs to change, and `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    async def set_favourite(self, viewer: Viewer, asset_id: str, kept: bool) -> None:
        """Anybody may who sees it."""
        await self._database.write(transactions.set_favourite, viewer, _plain(asset_id), kept, self._clock())

    async def set_tags(self, viewer: Viewer, asset_id: str, tags: Sequence[str]) -> tuple[str, ...]:
        """In place of those that it has; returns them as they are kept. Raises `InvalidRequest`."""
        plain = plain_tags(tags)
        await self._database.write(transactions.set_tags, viewer, _plain(asset_id), plain, self._clock())
        return plain

    async def delete(self, viewer: Viewer, asset_id: str, signature: Signature | None = None) -> None:
        """It is found no more, and can be had back for `transactions.UNDO`."""
        await self._database.write(transactions.delete, viewer, _plain(asset_id), signature, self._clock())

    async def restore(self, viewer: Viewer, asset_id: str, signature: Signature | None = None) -> None:
        """Raises `Expired`."""
        await self._database.write(transactions.restore, viewer, _plain(asset_id), signature, self._clock())

    async def purge(self) -> None:
        """Remove what can be had back no more; its files are left to be swept."""
        while await self._database.write(transactions.purge, self._clock()):
            pass

    async def retain(self, retention_days: Mapping[str, int]) -> int:
        """Delete what is older than each space keeps it, and nobody wants; returns how many pictures."""
        removed = 0
        for space, days in retention_days.items():
            while some := await self._database.write(transactions.retain, space, days, self._clock()):
                removed += some
        return removed

    async def let_pass(self) -> int:
        """Delete inputs of single calls that were kept long enough, and nobody wants; returns how many."""
        removed = 0
        while some := await self._database.write(transactions.let_pass, self._clock()):
            removed += some
        return removed

    async def expired(self, space: str, days: int, most: int = 1000) -> tuple[tuple[str, datetime], ...]:
        """What `retain` would delete now, the oldest first: ids, and when they were drawn."""
        now = self._clock()
        before = now - timedelta(days=days)
        found = await self._database.read(statements.EXPIRED, of_space=space, before=before, now=now, most=most)
        return tuple((row.id, row.created_at) for row in found)


def _plain(asset_id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    if not (asset_id.isascii() and asset_id.isprintable()):
        raise transactions.no_picture(asset_id)
    return asset_id

"""Collections in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from router.assets.collections import statements, transactions
from router.assets.collections.model import Collection, Item
from router.assets.search.rows import read_listed
from router.ids import new_job_id
from router.people.audit.model import Signature
from router.people.viewer import STUDIO, Viewer
from router.storage.database import AnyRow, Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


class CollectionStore:
    """Every method is one transaction, but that a change reads the collection anew. It raises `NotFound` for what is
    not there or not seen, `NotAllowed` for what is not theirs to change, and `StoreUnavailable`."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    async def create(self, viewer: Viewer, name: str, notes: str) -> Collection:
        id = f"col_{new_job_id()}"
        await self._database.write(transactions.create, viewer, id, name, notes, self._clock())
        return await self.collection(viewer, id)

    async def collection(self, viewer: Viewer, id: str) -> Collection:
        found = await self._database.read(statements.COLLECTION, of_collection=_plain(id))
        if not (found and viewer.sees(found[0])):
            raise transactions.no_collection(id)
        return _read(found[0])

    async def collections(
        self, viewer: Viewer, limit: int, before: str | None = None, holding: str | None = None
    ) -> tuple[Collection, ...]:
        """Those that they see, newest first; `before` is the last one of the page before. `holding`: a picture that is
        in them."""
        page: dict[str, Any] = {"most": limit} | ({} if before is None else {"before": before})
        page |= {} if holding is None else {"of_asset": _plain(holding)}
        if not viewer.sees_all:
            page |= {"owner": viewer.owner, "spaces": sorted(viewer.spaces)}
        found = await self._database.read(
            statements.page(viewer.sees_all, before is not None, holding is not None), **page
        )
        return tuple(map(_read, found))

    async def items(self, viewer: Viewer, id: str) -> tuple[Item, ...]:
        """The pictures of a collection that they see, in order."""
        await self.collection(viewer, id)
        found = await self._database.read(statements.ITEMS, of_collection=id, principal=viewer.owner)
        return tuple(Item(read_listed(row), row.note) for row in found if viewer.sees(row))

    async def shared_items(self, id: str) -> tuple[Item, ...]:
        """Its pictures, for whoever was given a link to it."""
        return await self.items(STUDIO, id)

    async def change(self, viewer: Viewer, id: str, name: str | None, notes: str | None) -> Collection:
        await self._database.write(transactions.change, viewer, _plain(id), name, notes, self._clock())
        return await self.collection(viewer, id)

    async def delete(self, viewer: Viewer, id: str, signature: Signature | None = None) -> None:
        await self._database.write(transactions.delete, viewer, _plain(id), signature, self._clock())

    async def put(self, viewer: Viewer, id: str, pictures: Sequence[str], behind: str | None) -> Collection:
        """Add pictures, or move them; see `transactions.put`."""
        named = [_plain(one) for one in pictures]
        await self._database.write(transactions.put, viewer, _plain(id), named, behind, self._clock())
        return await self.collection(viewer, id)

    async def note(self, viewer: Viewer, id: str, picture: str, written: str) -> None:
        await self._database.write(transactions.note, viewer, _plain(id), _plain(picture), written, self._clock())

    async def take(self, viewer: Viewer, id: str, picture: str) -> None:
        await self._database.write(transactions.take, viewer, _plain(id), _plain(picture), self._clock())


def _read(row: AnyRow) -> Collection:
    whose = {"id": row.id, "owner": row.owner, "space": row.space, "name": row.name, "notes": row.notes}
    return Collection(**whose, created_at=row.created_at, changed_at=row.changed_at, pictures=row.pictures)


def _plain(id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    return id if id.isascii() and id.isprintable() else "?"

"""The library in the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from router.library import rows, statements, transactions
from router.library.model import Entry, Move, NewEntry, Versions
from router.library.seeding import Seed, Seeding
from router.people.audit.model import Signature
from router.storage.database import Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LibraryStore:
    """Entries, marks and their history. Every method is one transaction and raises `StoreUnavailable` while the
    database does not answer. Several processes may write at once: each sees all that was written before it."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    async def revision(self) -> int:
        """A number that grows with every change: who knows it knows all."""
        (row,) = await self._database.read(statements.REVISION)
        return int(row.revision)

    async def live(self) -> tuple[Entry, ...]:
        """What is planned with: the live version of each entry that has one, of the kinds that this release knows."""
        return tuple(map(rows.read_entry, await self._database.read(statements.LIVE_ENTRIES)))

    async def entries(self, kind: str) -> tuple[Versions, ...]:
        """All of a kind, by id."""
        marks = await self._database.read(statements.MARKS_OF_KIND, kind=kind)
        found = await self._database.read(statements.ENTRIES_OF_KIND, kind=kind)
        return tuple(rows.group(map(rows.read_entry, found), marks).values())

    async def versions(self, kind: str, id: str) -> Versions:
        """All versions of one entry. Raises `NotFound`."""
        marks = await self._database.read(statements.MARKS_OF_ENTRY, kind=kind, id=_plain(id))
        found = await self._database.read(statements.ENTRIES_OF_ENTRY, kind=kind, id=_plain(id))
        group = rows.group(map(rows.read_entry, found), marks)
        return transactions.only(kind, id, next(iter(group.values()), None))

    async def history(self, kind: str, id: str) -> tuple[Move, ...]:
        """Every move of a mark of one entry, the last first. Raises `NotFound`."""
        await self.versions(kind, id)
        found = await self._database.read(statements.MOVES_OF_ENTRY, kind=kind, id=id)
        return tuple(map(rows.read_move, found))

    async def with_file(self, sha256: str) -> tuple[Entry, ...]:
        """The versions that need a file of the file store."""
        return tuple(map(rows.read_entry, await self._database.read(statements.WITH_FILE, file=sha256)))

    async def add(
        self, new: NewEntry, mark: str | None = None, signature: Signature | None = None
    ) -> tuple[Entry, bool]:
        """Add a version, set a mark to it, and say whether it is new: one that says the same under the same version is
        not, and moves nothing. The audit gets a line by `signature`. Raises `VersionConflict` for other content under a
        version that is there, and for one that goes back; `UnknownName` for a mark that there is not."""
        return await self._database.write(transactions.add, new, mark, signature, self._clock())

    async def move(
        self,
        kind: str,
        id: str,
        mark: str,
        version: str | None,
        by: str,
        note: str = "",
        signature: Signature | None = None,
    ) -> Versions:
        """Set a mark to a version, or take it away. Raises `NotFound`; and `UnknownName` for a mark or a version that
        there is not, listing them."""
        return await self._database.write(
            transactions.move, kind, _plain(id), mark, version, by, note, signature, self._clock()
        )

    async def seed(self, seeds: Sequence[Seed]) -> Seeding:
        """Take in what YAML files say that is new."""
        return await self._database.write(transactions.seed, seeds, self._clock())


def _plain(id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    return id if id.isascii() and id.isprintable() else ""

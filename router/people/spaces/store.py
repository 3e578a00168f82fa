"""Spaces in the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from configs.errors import StateConflict
from router.people.audit.model import Signature
from router.people.spaces import statements, transactions
from router.people.spaces.model import NO_DEFAULTS, Defaults, MemberRole, Space, SpaceChange, SpaceFiles
from router.storage.database import Database

_KNOWN_SECONDS = 2.0
"""For so long a space may be another than this process knows: what is drawn with must not cost each request a read."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SpaceStore:
    """Every method is one transaction or a few reads, raises `StoreUnavailable` while the database does not answer, and
    `NotFound` for a space that is not there. What changes something takes the signature of its audit line."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock
        self._known: dict[str, tuple[float, Space]] = {}

    async def create(
        self,
        id: str,
        name: str,
        defaults: Defaults = NO_DEFAULTS,
        files: SpaceFiles | None = None,
        by: Signature | None = None,
    ) -> Space:
        """Raises `StateConflict` where there is one of this id."""
        wish = SpaceChange(name, defaults, files)
        return await self._database.write(transactions.create, id, wish, by, self._clock())

    async def spaces(self, of: str | None = None) -> tuple[Space, ...]:
        """All, or those that somebody is in, by id."""
        if of is None:
            found = await self._database.read(statements.ALL)
        else:
            found = await self._database.read(statements.OF_MEMBER, of_principal=of)
        members = await self._database.read(statements.MEMBERS, of_spaces=[row.id for row in found])
        return transactions.read_spaces(found, members)

    async def space(self, id: str) -> Space:
        """One, as it stands."""
        found = await self._database.read(statements.ONE, of_space=id)
        if not found:
            raise transactions.not_found(id)
        return transactions.read_spaces(found, await self._database.read(statements.MEMBERS, of_spaces=[id]))[0]

    async def known(self, id: str) -> Space:
        """The same, as it stood a moment ago."""
        until, space = self._known.get(id, (0.0, None))
        if space is None or time.monotonic() > until:
            space = await self.space(id)
            self._known[id] = (time.monotonic() + _KNOWN_SECONDS, space)
        return space

    async def in_use(self, id: str) -> Space:
        """The same, for what is to be made in it. Raises `StateConflict` for one that is archived."""
        space = await self.known(id)
        if space.archived_at is not None:
            raise StateConflict(f"the space '{id}' is archived, nothing new is made in it: name another one", "space")
        return space

    async def change(
        self,
        id: str,
        name: str | None = None,
        defaults: Defaults | None = None,
        files: SpaceFiles | None = None,
        by: Signature | None = None,
    ) -> Space:
        """What is None stays."""
        self._known.pop(id, None)
        wish = SpaceChange(name, defaults, files)
        return await self._database.write(transactions.change, id, wish, by, self._clock())

    async def archive(self, id: str, archived: bool, by: Signature | None = None) -> Space:
        """Let nothing new be made in it, or again. Raises `StateConflict` for home."""
        self._known.pop(id, None)
        return await self._database.write(transactions.archive, id, archived, by, self._clock())

    async def remove(self, id: str, by: Signature | None = None) -> Space | None:
        """None where it is gone; archived where something was made in it. Raises `StateConflict` for home."""
        self._known.pop(id, None)
        return await self._database.write(transactions.remove, id, by, self._clock())

    async def put_member(self, id: str, principal: str, role: MemberRole, by: Signature | None = None) -> Space:
        """Add somebody, or change their role. Raises `NotFound` for somebody who is not known."""
        return await self._database.write(transactions.put_member, id, principal, role, by, self._clock())

    async def remove_member(self, id: str, principal: str, by: Signature | None = None) -> Space:
        """Raises `NotFound` for who is not in it."""
        return await self._database.write(transactions.remove_member, id, principal, by, self._clock())

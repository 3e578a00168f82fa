"""People in the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

from router.people import rows, statements, transactions
from router.people.audit.model import Signature
from router.people.person import Named, Newcomer, Person
from router.people.principal import Role
from router.people.viewer import Viewer
from router.storage.database import Database

_SEEN_EVERY = timedelta(minutes=10)  # how exactly it is known when somebody was last here


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _is_fresh(known: Person, newcomer: Newcomer, now: datetime) -> bool:
    """Whether the row says what the token says, and that somebody was here just now."""
    same = (known.name, known.told) == (newcomer.name, newcomer.roles)
    return same and known.seen_at is not None and now - known.seen_at < _SEEN_EVERY


class PeopleStore:
    """Every method is one transaction and raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self.database, self.clock = database, clock

    async def admit(self, newcomer: Newcomer) -> Person:
        """The row of whoever signs in: made at first sight, and brought up to date when the token says other things."""
        found = await self.database.read(statements.BY_SUBJECT, of_subject=newcomer.subject)
        known = next(rows.read_people(found), None)
        now = self.clock()
        if known is not None and (known.deactivated_at is not None or _is_fresh(known, newcomer, now)):
            return known
        return await self.database.write(transactions.welcome, newcomer, now)

    async def people(self, after: str, most: int) -> tuple[Person, ...]:
        """A page by id, after one."""
        return tuple(rows.read_people(await self.database.read(statements.PAGE, after=after, most=most)))

    async def names(self, ids: Iterable[str], viewer: Viewer, everybody: bool = False) -> tuple[Named, ...]:
        """Of these people, those whom `viewer` may know by name, by id; with `everybody`, all who are there."""
        if everybody or viewer.sees_all:
            found = await self.database.read(statements.NAMES, of_ids=[*ids])
        else:
            known = {"of_viewer": viewer.owner, "of_spaces": [*viewer.spaces]}
            found = await self.database.read(statements.NAMES_KNOWN, of_ids=[*ids], **known)
        return tuple(rows.read_names(found))

    async def outside(self, space: str, said: str, most: int) -> tuple[Named, ...]:
        """The first, by name, of those who may come in, are not in a space, and are called like this."""
        found = rows.read_names(await self.database.read(statements.OUTSIDE, of_space=space))
        return tuple(islice((one for one in found if one.is_called(said)), most))

    async def set_roles(self, id: str, roles: frozenset[Role], by: Signature) -> Person:
        """Give somebody just these roles, beside those that their issuer says. Raises `NotFound`; `NotAllowed` where
        `by` is no admin any more; `StateConflict` where nobody would be left as admin."""
        return await self.database.write(transactions.set_roles, id, roles, by, self.clock())

    async def set_active(self, id: str, active: bool, by: Signature) -> Person:
        """Let somebody in no more, or again. Raises as `set_roles` does."""
        return await self.database.write(transactions.set_active, id, active, by, self.clock())

"""API keys: shown once, kept as a hash, with scopes, an end, and the time of their last use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from configs.errors import NotFound, StateConflict
from router.people import statements as people
from router.people import transactions
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.person import Person
from router.people.principal import Principal
from router.people.rows import read_people
from router.people.signing_in.opaque import Kind, Opaque, mint
from router.people.signing_in.tables import api_keys
from router.people.tables import principals
from router.storage.database import Database

LONGEST_DAYS = 365
MOST_KEYS = 50
"""That one person may have which still count."""
_USED_EVERY = timedelta(minutes=1)  # how exactly it is known when a key was last used

_OF_OWNER = (
    select(api_keys).where(api_keys.c.owner == bindparam("of_owner")).order_by(api_keys.c.created_at, api_keys.c.id)
)
_COUNT = select(func.count()).where(
    api_keys.c.owner == bindparam("of_owner"),
    api_keys.c.revoked_at.is_(None),
    api_keys.c.expires_at > bindparam("now"),
)
_LIVE = (
    people.PEOPLE.add_columns(
        api_keys.c.id.label("key_id"), api_keys.c.sha256, api_keys.c.scopes, api_keys.c.expires_at, api_keys.c.used_at
    )
    .join(api_keys, api_keys.c.owner == principals.c.id)
    .where(api_keys.c.id == bindparam("of_key"), api_keys.c.revoked_at.is_(None))
)
_INSERT = insert(api_keys)
_SET_USED = update(api_keys).where(api_keys.c.id == bindparam("of_key")).values(used_at=bindparam("used_at"))
_REVOKE = (
    update(api_keys)
    .where(
        api_keys.c.id == bindparam("of_key"),
        api_keys.c.owner == bindparam("of_owner"),
        api_keys.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("revoked_at"))
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner may see it for ever: all but the key itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose a secret is, and what it may do (None: all that they may). `by` is the id of the key or the device."""

    person: Person
    by: str
    scopes: frozenset[str] | None


class KeyStore:
    """Every method raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def create(
        self, owner: Principal, name: str, scopes: frozenset[str], days: int, by: Signature
    ) -> tuple[ApiKey, str]:
        """A new key, and its text, which nobody can be told again. Raises `StateConflict` for one too many."""
        text, kept = mint(Kind.KEY)
        now = self._clock()
        key = ApiKey(kept.id, name, tuple(sorted(scopes)), now, now + timedelta(days=days))
        await self._database.write(_create, owner, key, kept, by)
        return key, text

    async def of(self, owner: str) -> tuple[ApiKey, ...]:
        """All that somebody has or had, the oldest first."""
        return tuple(map(_read, await self._database.read(_OF_OWNER, of_owner=owner)))

    async def revoke(self, id: str, by: Signature) -> None:
        """Let a key of whoever signs count no more, from the next request on. Raises `NotFound`."""
        await self._database.write(_revoke, id, by, self._clock())

    async def find(self, shown: Opaque) -> Shown | None:
        """Whose key it is; None where it is none, or not any more. Notes that it was used."""
        found = await self._database.read(_LIVE, of_key=shown.id)
        now = self._clock()
        if not found or not shown.matches(found[0].sha256) or found[0].expires_at <= now:
            return None
        used = found[0].used_at
        if used is None or now - used >= _USED_EVERY:
            await self._database.write(_use, shown.id, now)
        person = next(read_people(found))
        return Shown(person, shown.id, frozenset(found[0].scopes.split()))


def _create(connection: Connection, owner: Principal, key: ApiKey, kept: Opaque, by: Signature) -> None:
    transactions.ensure(connection, owner.id, owner.name, key.created_at)
    if connection.execute(_COUNT, {"of_owner": owner.id, "now": key.created_at}).scalar_one() >= MOST_KEYS:
        raise StateConflict(f"you have {MOST_KEYS} keys, which is as many as one may have: revoke one first")
    row = {"id": key.id, "owner": owner.id, "name": key.name, "sha256": kept.sha256, "scopes": " ".join(key.scopes)}
    connection.execute(_INSERT, row | {"created_at": key.created_at, "expires_at": key.expires_at})
    told = {"name": key.name, "scopes": key.scopes, "expires_at": key.expires_at.isoformat()}
    write_line(connection, by, "key.create", ("key", key.id), told, key.created_at)


def _revoke(connection: Connection, id: str, by: Signature, now: datetime) -> None:
    asked = {"of_key": id, "of_owner": by.who, "revoked_at": now}
    if connection.execute(_REVOKE, asked).rowcount == 0:
        raise NotFound("you have no such key, or it is revoked already", "id")
    write_line(connection, by, "key.revoke", ("key", id), {}, now)


def _use(connection: Connection, id: str, now: datetime) -> None:
    connection.execute(_SET_USED, {"of_key": id, "used_at": now})


def _read(row: Any) -> ApiKey:
    return ApiKey(
        row.id, row.name, tuple(row.scopes.split()), row.created_at, row.expires_at, row.used_at, row.revoked_at
    )

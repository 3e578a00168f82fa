"""Quotas in the database: what operators set, and how subjects stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from configs.errors import NotFound
from configs.quotas import Quota, Subject
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.quotas import statements
from router.people.quotas.counting import LIMITS, day_of, read_limits
from router.people.quotas.model import Limits, SetQuota, Standing
from router.storage.database import AnyRow, Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


class QuotaStore:
    """Every method raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self.clock = database, clock

    async def all(self) -> tuple[SetQuota, ...]:
        """All that operators have set."""
        return tuple(map(_read, await self._database.read(statements.ALL)))

    async def standing(self, subject: Subject, id: str, default: Quota) -> Standing:
        """What holds for a subject, and what it has taken today."""
        of = {"of_subject": subject, "of_id": id}
        found = await self._database.read(statements.ONE, **of)
        used = await self._database.read(statements.USE, **of, of_day=day_of(self.clock()))
        ((in_flight,),) = await self._database.read(statements.IN_FLIGHT, **of)
        said = _read(found[0]) if found else None
        quota = default if said is None else said.limits.over(default)
        taken = (used[0].pictures, used[0].device_seconds) if used else (0, 0.0)
        return Standing(subject, id, quota, said, in_flight, *taken)

    async def set(self, subject: Subject, id: str, limits: Limits, signature: Signature) -> None:
        """In place of what was set before; it holds from the next job on."""
        await self._database.write(_set, subject, id, limits, signature, self.clock())

    async def remove(self, subject: Subject, id: str, signature: Signature) -> None:
        """What the profile says holds again. Raises `NotFound` where nothing was set."""
        await self._database.write(_remove, subject, id, signature, self.clock())


def _set(
    connection: Connection, subject: Subject, id: str, limits: Limits, signature: Signature, now: datetime
) -> None:
    row = {"subject": subject, "id": id, "limits": LIMITS.write(limits), "set_by": signature.who, "now": now}
    connection.execute(statements.SET, row)
    told = limits.model_dump(exclude_none=True)
    write_line(connection, signature, "quota.set", ("quotas", f"{subject}/{id}"), told, now)


def _remove(connection: Connection, subject: Subject, id: str, signature: Signature, now: datetime) -> None:
    of = {"of_subject": subject, "of_id": id}
    was = connection.execute(statements.REMOVE, of).one_or_none()
    if was is None:
        raise NotFound(f"no quota was set for the {subject} {id[:64]}: what the profile says holds", "id")
    told = {"was": read_limits(was).model_dump(exclude_none=True)}
    write_line(connection, signature, "quota.remove", ("quotas", f"{subject}/{id}"), told, now)


def _read(row: AnyRow) -> SetQuota:
    return SetQuota(row.subject, row.id, read_limits(row), row.set_by, row.set_at)

"""What lifts verdicts, in the database: licences that were bought, conditions acknowledged, what is said of uploads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, or_, select, text, update

from configs.errors import NotFound
from configs.schema import Purpose
from router.ids import new_job_id
from router.jobs.model import LicenceVerdict
from router.licences import rows
from router.licences.descent import uploads_behind, with_uploads
from router.licences.model import Acknowledgement, Grant, Subject, UploadRight
from router.licences.tables import acknowledgements, licence_grants, upload_rights
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.storage.columns import Utc
from router.storage.database import Database
from router.storage.insertion import Insertion

_INSERT_GRANT = Insertion(licence_grants)
_INSERT_ACKNOWLEDGEMENT = Insertion(acknowledgements)
_NOW = bindparam("now", type_=Utc)
_GRANTS = select(licence_grants).order_by(licence_grants.c.id.desc())
_STANDING = _GRANTS.where(
    licence_grants.c.revoked_at.is_(None),
    licence_grants.c.since <= _NOW,
    or_(licence_grants.c.until.is_(None), licence_grants.c.until > _NOW),
)
_GRANT = _GRANTS.where(licence_grants.c.id == bindparam("grant_id"))
_REVOKE = (
    update(licence_grants)
    .where(licence_grants.c.id == bindparam("grant_id"), licence_grants.c.revoked_at.is_(None))
    .values(revoked_by=bindparam("by"), revoked_at=_NOW)
)
_ACKNOWLEDGED = select(acknowledgements).where(
    acknowledgements.c.subject.in_(bindparam("subjects", expanding=True)),
    acknowledgements.c.principal == bindparam("of_principal"),
    acknowledgements.c.purpose == bindparam("for_purpose"),
)
_RIGHTS = select(upload_rights).where(upload_rights.c.picture_id.in_(bindparam("pictures", expanding=True)))
_SAY = (
    update(upload_rights)
    .where(upload_rights.c.picture_id == bindparam("of_picture"))
    .values(said=bindparam("word"), source=bindparam("of_source"), said_by=bindparam("by"), said_at=_NOW)
)
_CLEAR = (
    update(upload_rights)
    .where(upload_rights.c.picture_id == bindparam("of_picture"), upload_rights.c.cleared_at.is_(None))
    .values(cleared_by=bindparam("by"), cleared_at=_NOW)
)
_ADD = text(
    "INSERT INTO upload_rights (picture_id, owner, said, source, said_by, said_at)"
    " SELECT id, owner, 'unknown', '', owner, created_at FROM assets"
    " WHERE id = :of_picture AND owner = :of_owner AND kind = 'uploaded'"
    " ON CONFLICT (picture_id) DO NOTHING"
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LicenceStore:
    """Every method is one transaction and raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    @property
    def now(self) -> datetime:
        return self._clock()

    async def grants(self) -> tuple[Grant, ...]:
        """All that were ever recorded, the newest first."""
        return tuple(map(rows.read_grant, await self._database.read(_GRANTS)))

    async def standing(self) -> tuple[Grant, ...]:
        """Those that hold now."""
        return tuple(map(rows.read_grant, await self._database.read(_STANDING, now=self._clock())))

    async def record(self, grant: Grant, signature: Signature | None = None) -> None:
        """A licence that was bought."""
        await self._database.write(_record, grant, signature, self._clock())

    async def revoke(self, grant_id: str, by: str, signature: Signature | None = None) -> Grant:
        """It holds no longer; one that was revoked before stays as it is. Raises `NotFound`."""
        return await self._database.write(_revoke, grant_id, by, signature, self._clock())

    async def acknowledge(
        self, principal: str, subject: Subject, purpose: Purpose, text: str, signature: Signature | None = None
    ) -> Acknowledgement:
        """Keep that `principal` has read `text`."""
        one = Acknowledgement(f"ack_{new_job_id()}", principal, subject, purpose, text, self._clock())
        await self._database.write(_acknowledge, one, signature)
        return one

    async def acknowledged(
        self, principal: str, purpose: Purpose, subjects: Sequence[Subject]
    ) -> tuple[Acknowledgement, ...]:
        """What `principal` has acknowledged of any of these."""
        asked = {"of_principal": principal, "for_purpose": purpose, "subjects": [one.id for one in subjects]}
        found = map(rows.read_acknowledgement, await self._database.read(_ACKNOWLEDGED, **asked))
        return tuple(one for one in found if one.subject in subjects)

    async def rights(self, picture_ids: Sequence[str]) -> Mapping[str, UploadRight]:
        """What was last said of uploads, by their ids, those that were deleted among them."""
        if not picture_ids:
            return {}
        found = await self._database.read(_RIGHTS, pictures=list(picture_ids))
        return {row.picture_id: rows.read_right(row) for row in found}

    async def with_uploads(self, verdicts: Mapping[str, LicenceVerdict]) -> Mapping[str, LicenceVerdict]:
        """Verdicts by the ids of their pictures, with all uploads that these were made from among their parts."""
        if not verdicts:
            return verdicts
        behind = await uploads_behind(self._database, tuple(verdicts))
        return {id: with_uploads(one, behind.get(id, ())) for id, one in verdicts.items()}

    async def clear(self, picture_id: str, by: str, reason: str, signature: Signature | None = None) -> UploadRight:
        """Note that an upload is another picture than the one that it looks like. Raises `NotFound`."""
        return await self._database.write(_clear, picture_id, by, reason, signature, self._clock())

    async def say(self, said: UploadRight, signature: Signature | None = None) -> UploadRight:
        """Note whose an upload is. Raises `NotFound`."""
        return await self._database.write(_say, said, signature)


def _record(connection: Connection, grant: Grant, signature: Signature | None, now: datetime) -> None:
    _INSERT_GRANT.run(connection, rows.grant_row(grant))
    told = {name: getattr(grant, name) for name in ("component", "licence", "space", "purposes", "until", "reference")}
    write_line(connection, signature, "licence.grant", ("grant", grant.id), told, now)


def _revoke(connection: Connection, grant_id: str, by: str, signature: Signature | None, now: datetime) -> Grant:
    changed = connection.execute(_REVOKE, {"grant_id": grant_id, "by": by, "now": now}).rowcount
    found = connection.execute(_GRANT, {"grant_id": grant_id}).one_or_none()
    if found is None:
        raise NotFound(f"There is no grant {grant_id}: GET /licences/grants lists them")
    if changed:
        told = {"component": found.component, "licence": found.licence, "reference": found.reference}
        write_line(connection, signature, "licence.revoke", ("grant", grant_id), told, now)
    return rows.read_grant(found)


def _acknowledge(connection: Connection, one: Acknowledgement, signature: Signature | None) -> None:
    _INSERT_ACKNOWLEDGEMENT.run(connection, rows.acknowledgement_row(one))
    told = {"purpose": one.purpose, "conditions": one.text}
    write_line(connection, signature, "licence.acknowledge", (one.subject.kind, one.subject.id), told, one.at)


def _clear(
    connection: Connection, picture_id: str, by: str, reason: str, signature: Signature | None, now: datetime
) -> UploadRight:
    changed = connection.execute(_CLEAR, {"of_picture": picture_id, "by": by, "now": now}).rowcount
    found = connection.execute(_RIGHTS, {"pictures": [picture_id]}).one_or_none()
    if found is None:
        raise NotFound(f"There is no picture {picture_id}")
    if changed:
        told = {"cleared": True, "reason": reason}
        write_line(connection, signature, "licence.state", ("picture", picture_id), told, now)
    return rows.read_right(found)


def _say(connection: Connection, said: UploadRight, signature: Signature | None) -> UploadRight:
    connection.execute(_ADD, {"of_picture": said.picture_id, "of_owner": said.owner})  # older releases have not
    before = connection.execute(_RIGHTS, {"pictures": [said.picture_id]}).one_or_none()
    if before is None or before.owner != said.owner:
        raise NotFound(f"There is no picture {said.picture_id}")
    if (before.said, before.source) != (said.right, said.source):
        word = {"word": said.right, "of_source": said.source, "by": said.said_by, "now": said.said_at}
        connection.execute(_SAY, {"of_picture": said.picture_id, **word})
        told = {"right": said.right, "source": said.source, "before": before.said}
        write_line(connection, signature, "licence.state", ("picture", said.picture_id), told, said.said_at)
    return said

"""Share links in the database: made, listed, revoked, and opened by whoever has their token."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from configs.errors import Expired, NotFound
from router.assets.collections.statements import COLLECTION
from router.assets.collections.transactions import no_collection
from router.assets.keeping.transactions import hold
from router.assets.sharing import statements
from router.assets.sharing.model import ShareKind, ShareLink
from router.assets.sharing.tokens import is_signed, sign, split
from router.ids import new_job_id
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.viewer import Viewer
from router.storage.database import AnyRow, Database

_MOST = 200  # links that a list has


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ShareStore:
    """Every method raises `NotFound` for what is not there or not seen, `NotAllowed` for what is not theirs to share,
    and `StoreUnavailable`."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock
        self._secret = b""

    async def create(
        self, viewer: Viewer, kind: ShareKind, target: str, days: float, signature: Signature | None = None
    ) -> ShareLink:
        """A link to a collection or a picture that is theirs, for `days`."""
        now = self._clock().replace(microsecond=0)
        row = {
            "id": f"shr_{new_job_id()}",
            "kind": kind,
            "target": target,
            "created_at": now,
            "expires_at": now + timedelta(days=days),
        }
        secret = await self._key()
        made = await self._database.write(_create, viewer, row, signature)
        return _read(made, secret)

    async def links(self, viewer: Viewer, kind: ShareKind, target: str) -> tuple[ShareLink, ...]:
        """Those to a collection or a picture that is theirs, newest first; expired and revoked ones, too."""
        secret = await self._key()
        await self._database.write(_check_target, viewer, kind, target)
        found = await self._database.read(statements.OF_TARGET, of_target=target, most=_MOST)
        return tuple(_read(row, secret) for row in found if row.kind == kind)

    async def revoke(self, viewer: Viewer, id: str, signature: Signature | None = None) -> None:
        """It shows nothing from now on; one that was revoked before stays so."""
        await self._database.write(_revoke, viewer, id, signature, self._clock())

    async def open(self, token: str) -> ShareLink:
        """The link of a token. Raises `NotFound` for what is no token of ours, and `Expired` for one that is over."""
        id, signature = split(token)
        found = await self._database.read(statements.LINK, of_link=id) if _is_plain(id) else ()
        secret = await self._key()
        row = found[0] if found else None
        if row is None or not is_signed(secret, signature, row.id, row.kind, row.target, row.expires_at):
            raise NotFound("There is nothing at this link: ask whoever sent it to send it again, whole")
        if row.revoked_at is not None:
            raise Expired("this link was revoked: ask whoever sent it for a new one")
        if row.expires_at <= self._clock():
            raise Expired(f"this link was good until {row.expires_at:%Y-%m-%d}: ask whoever sent it for a new one")
        return _read(row, secret)

    async def _key(self) -> bytes:
        """What links are signed with, the same at every front door of this database."""
        if not self._secret:
            self._secret = await self._database.write(_secret, self._clock())
        return self._secret


def _create(connection: Connection, viewer: Viewer, row: dict[str, Any], signature: Signature | None) -> AnyRow:
    target = _check_target(connection, viewer, row["kind"], row["target"])
    statements.INSERT.run(connection, row | {"owner": target.owner, "space": target.space, "revoked_at": None})
    told = {"what": row["kind"], "id": row["target"], "expires_at": row["expires_at"].isoformat()}
    write_line(connection, signature, "share.create", ("links", row["id"]), told, row["created_at"])
    return connection.execute(statements.LINK, {"of_link": row["id"]}).one()


def _check_target(connection: Connection, viewer: Viewer, kind: str, target: str) -> AnyRow:
    if kind == "image":
        found = hold(connection, viewer, target)
    else:
        rows = connection.execute(COLLECTION, {"of_collection": target}).all()
        if not (rows and viewer.sees(rows[0])):
            raise no_collection(target)
        found = rows[0]
    viewer.check_change(found, f"{'picture' if kind == 'image' else 'collection'} {target}")
    return found


def _revoke(connection: Connection, viewer: Viewer, id: str, signature: Signature | None, now: datetime) -> None:
    row = connection.execute(statements.LINK, {"of_link": id}).one_or_none() if _is_plain(id) else None
    if row is None or not viewer.sees(row):
        raise NotFound(f"There is no link {id}")
    viewer.check_change(row, f"link {id}")
    if connection.execute(statements.REVOKE, {"of_link": id, "now": now}).one_or_none() is not None:
        told = {"what": row.kind, "id": row.target}
        write_line(connection, signature, "share.revoke", ("links", id), told, now)


def _secret(connection: Connection, now: datetime) -> bytes:
    connection.execute(statements.KEEP_SECRET, {"fresh": secrets.token_hex(32), "now": now})
    return bytes.fromhex(connection.execute(statements.SECRET).scalar_one())


def _read(row: AnyRow, secret: bytes) -> ShareLink:
    token = sign(secret, row.id, row.kind, row.target, row.expires_at)
    times = {"created_at": row.created_at, "expires_at": row.expires_at, "revoked_at": row.revoked_at}
    return ShareLink(row.id, row.kind, row.target, row.owner, row.space, token, **times)


def _is_plain(id: str) -> bool:
    return id.isascii() and id.isprintable()

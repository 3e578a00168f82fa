"""The transactions of favourites, tags and deletion: each public function is one. What a picture is found by follows
what is changed here, within the same transaction and under a lock of its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select

from configs.errors import Expired, NotFound
from router.assets import statements as assets
from router.assets.keeping import statements
from router.assets.search import writing as search
from router.assets.search.entry import Entry
from router.jobs.documents import LICENCE, NO_VERDICT, NOTES, read_or
from router.people.audit.model import SYSTEM, Signature
from router.people.audit.writing import write_line
from router.people.viewer import Viewer
from router.storage.database import AnyRow

UNDO = timedelta(days=7)
"""For which a deleted picture can be had back."""
_PURGED_AT_ONCE = 100


def set_favourite(connection: Connection, viewer: Viewer, asset_id: str, kept: bool, now: datetime) -> None:
    """Among the viewer's favourites, or no longer. Raises `NotFound`."""
    held = hold(connection, viewer, asset_id)
    which = {"principal": viewer.owner, "of_asset": asset_id}
    if kept:
        connection.execute(statements.KEEP, which | {"now": now})
    else:
        connection.execute(statements.LET_GO, which)
    refresh(connection, held, asset_id)


def set_tags(connection: Connection, viewer: Viewer, asset_id: str, tags: Sequence[str], now: datetime) -> None:
    """These tags, and no others. Raises `NotFound` and `NotAllowed`."""
    held = hold(connection, viewer, asset_id)
    viewer.check_change(held, f"picture {asset_id}")
    connection.execute(statements.CLEAR_TAGS, {"of_asset": asset_id})
    row = {"asset_id": asset_id, "author": viewer.owner, "created_at": now}
    statements.INSERT_TAGS.run(connection, *({**row, "tag": tag} for tag in tags))
    refresh(connection, held, asset_id)


def delete(connection: Connection, viewer: Viewer, asset_id: str, signature: Signature | None, now: datetime) -> None:
    """Nobody finds it any more; its files stay while it can be had back. Raises `NotFound` and `NotAllowed`."""
    held = hold(connection, viewer, asset_id)
    viewer.check_change(held, f"picture {asset_id}")
    connection.execute(statements.MARK_DELETED, {"of_asset": asset_id, "at": now})
    search.take_out(connection, held, asset_id, now)
    _tell(connection, signature, "picture.delete", held, asset_id, now)


def restore(connection: Connection, viewer: Viewer, asset_id: str, signature: Signature | None, now: datetime) -> None:
    """As it was; one that is there stays. Raises `NotFound`, `NotAllowed`, and `Expired` where it was deleted too long
    ago."""
    held = connection.execute(search.HELD, {"of_asset": asset_id}).one_or_none()
    if held is None or not viewer.sees(held):
        raise no_picture(asset_id)
    viewer.check_change(held, f"picture {asset_id}")
    if held.deleted_at is None:
        return
    if held.deleted_at <= now - UNDO:
        raise Expired(
            f"picture {asset_id} was deleted more than {UNDO.days} days ago, and is gone: draw or upload it anew"
        )
    connection.execute(statements.MARK_RESTORED, {"of_asset": asset_id})
    search.put_back(connection, held, asset_id)
    refresh(connection, connection.execute(search.HELD, {"of_asset": asset_id}).one(), asset_id)
    _tell(connection, signature, "picture.restore", held, asset_id, now)


def purge(connection: Connection, now: datetime) -> int:
    """Remove some of the pictures that were deleted too long ago, with all that hangs on them; their files are loose.
    Returns how many. What was made from them stays, and so do votes."""
    before = now - UNDO
    found = connection.execute(statements.LONG_DELETED, {"before": before, "most": _PURGED_AT_ONCE}).scalars().all()
    removed = 0
    for asset_id in sorted(found):
        which = {"of_asset": asset_id}
        if connection.execute(statements.HELD_DELETED, which | {"before": before}).one_or_none() is None:
            continue
        loose = sorted(set(connection.execute(statements.FILES_OF, which).scalars()))
        connection.execute(statements.REMOVE, which)
        for sha256 in loose:
            connection.execute(assets.NOTE_LOOSE, {"sha256": sha256, "now": now})
        removed += 1
    return removed


def retain(connection: Connection, space: str, days: int, now: datetime) -> int:
    """Delete some drawn pictures of a space that are older than `days` and that nobody wants, each as its owner would:
    it can be had back for `UNDO`, and the audit has a line of it. Returns how many."""
    which = {"of_space": space, "before": now - timedelta(days=days), "now": now}
    pair = statements.EXPIRED, statements.STILL_EXPIRED
    return _delete_unwanted(connection, pair, which, {"retention_days": days}, now)


def let_pass(connection: Connection, now: datetime) -> int:
    """Delete some inputs of single calls that were kept long enough and that nobody wants, in the same way."""
    return _delete_unwanted(connection, (statements.PASSED, statements.STILL_PASSED), {"now": now}, {}, now)


def _delete_unwanted(
    connection: Connection,
    pair: tuple[Select[Any], Select[Any]],
    which: dict[str, Any],
    why: dict[str, Any],
    now: datetime,
) -> int:
    """What the first of the `pair` of statements finds, and the second still does once it is held."""
    found, still = pair
    removed = 0
    for asset_id in connection.execute(found, which | {"most": _PURGED_AT_ONCE}).scalars().all():
        held = connection.execute(search.HELD, {"of_asset": asset_id}).one_or_none()
        if held is None or connection.execute(still, which | {"of_asset": asset_id}).first() is None:
            continue  # somebody was faster, and wants it
        connection.execute(statements.MARK_DELETED, {"of_asset": asset_id, "at": now})
        search.take_out(connection, held, asset_id, now)
        told = {"owner": held.owner, "space": held.space, **why}
        write_line(connection, SYSTEM, "picture.delete", ("pictures", asset_id), told, now)
        removed += 1
    return removed


def hold(connection: Connection, viewer: Viewer, asset_id: str) -> AnyRow:
    """The row of a picture that is there and that they see, until the transaction ends. Raises `NotFound`."""
    held = connection.execute(search.HELD, {"of_asset": asset_id}).one_or_none()
    if held is None or held.deleted_at is not None or not viewer.sees(held):
        raise no_picture(asset_id)
    return held


def refresh(connection: Connection, held: AnyRow, asset_id: str) -> None:
    """Find a picture by what is known of it now."""
    search.change(connection, held, _entry(connection, held, asset_id))


def unveil(connection: Connection, asset_id: str, owner: str) -> None:
    """Let a picture that nobody could find be found as its owner's; one that is gone stays so."""
    held = connection.execute(search.HELD, {"of_asset": asset_id}).one_or_none()
    if held is not None and held.owner != owner:
        search.change(connection, held, replace(_entry(connection, held, asset_id), owner=owner))
        search.give(connection, asset_id, owner)


def no_picture(asset_id: str) -> NotFound:
    return NotFound(f"There is no picture {asset_id}")


def _entry(connection: Connection, held: AnyRow, asset_id: str) -> Entry:
    which, of = {"of_asset": asset_id}, f"picture {asset_id}"
    row = connection.execute(statements.DESCRIBED, which).one()
    return Entry(
        asset_id=asset_id,
        owner=held.owner,
        space=held.space,
        kind=row.kind,
        created_at=row.created_at,
        prompt=row.prompt,
        asset_type=row.asset_type,
        quality=row.quality,
        model=row.model,
        loras=tuple(row.loras.split()),
        licence=None if row.licence is None else read_or(LICENCE, row.licence, NO_VERDICT, of),
        notes=() if row.notes is None else read_or(NOTES, row.notes, (), of),
        colours=tuple(row.colours.split()),
        tags=tuple(connection.execute(statements.TAGS, which).scalars()),
        favourite_of=tuple(connection.execute(statements.KEPT_BY, which).scalars()),
        collections=tuple(connection.execute(statements.COLLECTED, which).scalars()),
    )


def _tell(
    connection: Connection, signature: Signature | None, action: str, held: AnyRow, asset_id: str, now: datetime
) -> None:
    told = {"owner": held.owner, "space": held.space}
    write_line(connection, signature, action, ("pictures", asset_id), told, now)

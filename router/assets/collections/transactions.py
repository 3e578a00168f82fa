"""The transactions of collections: each public function is one, and begins by holding the collection's row, so that two
who move pictures in it do so one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from configs.errors import InvalidRequest, NotFound
from router.assets.collections import statements
from router.assets.collections.model import MOST_ITEMS
from router.assets.collections.positions import after as place_after
from router.assets.keeping.transactions import hold, refresh
from router.assets.search import writing as search
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.viewer import Viewer
from router.storage.database import AnyRow

FIRST = ""
"""What the first picture of a collection stands behind."""


def create(connection: Connection, viewer: Viewer, id: str, name: str, notes: str, now: datetime) -> None:
    row = {"id": id, "owner": viewer.owner, "space": viewer.space, "name": name, "notes": notes}
    statements.INSERT.run(connection, row | {"created_at": now, "changed_at": now})


def change(connection: Connection, viewer: Viewer, id: str, name: str | None, notes: str | None, now: datetime) -> None:
    """What is None stays. Raises `NotFound` and `NotAllowed`, as all below."""
    held = _hold(connection, viewer, id)
    new = {"new_name": held.name if name is None else name, "new_notes": held.notes if notes is None else notes}
    connection.execute(statements.CHANGE, {"of_collection": id, "now": now} | new)


def delete(connection: Connection, viewer: Viewer, id: str, signature: Signature | None, now: datetime) -> None:
    """The collection; its pictures stay."""
    held = _hold(connection, viewer, id)
    pictures = [row.asset_id for row in connection.execute(statements.PLACES, {"of_collection": id})]
    rows = _lock(connection, pictures)
    connection.execute(statements.DELETE, {"of_collection": id})
    _refresh(connection, rows)
    told = {"owner": held.owner, "space": held.space, "pictures": len(pictures)}
    write_line(connection, signature, "collection.delete", ("collections", id), told, now)


def put(
    connection: Connection, viewer: Viewer, id: str, pictures: Sequence[str], behind: str | None, now: datetime
) -> None:
    """Add those that are not in it, and have all of them stand in this order behind the picture `behind` (`FIRST`:
    before all others; None: at the end). Raises `InvalidRequest`, too: for `behind` that is not in it, and for too
    many."""
    _hold(connection, viewer, id)
    pictures = tuple(dict.fromkeys(pictures))
    rows = {one: hold(connection, viewer, one) for one in sorted(pictures)}
    found = connection.execute(statements.PLACES, {"of_collection": id}).all()
    if len({row.asset_id for row in found} | set(pictures)) > MOST_ITEMS:
        raise InvalidRequest(f"a collection has at most {MOST_ITEMS} pictures: begin another one", "asset_ids")
    low, high = _gap([row for row in found if row.asset_id not in rows], behind)
    for one in pictures:
        low = place_after(low, high)
        row = {"of_collection": id, "of_asset": one, "position": low, "author": viewer.owner, "now": now}
        connection.execute(statements.PUT, row)
    connection.execute(statements.TOUCH, {"of_collection": id, "now": now})
    new = rows.keys() - {row.asset_id for row in found}
    _refresh(connection, {one: rows[one] for one in sorted(new)})


def note(connection: Connection, viewer: Viewer, id: str, picture: str, written: str, now: datetime) -> None:
    """Of one of its pictures."""
    _hold(connection, viewer, id)
    values = {"of_collection": id, "of_asset": picture, "new_note": written}
    if connection.execute(statements.NOTE, values).one_or_none() is None:
        raise _not_in(id, picture)
    connection.execute(statements.TOUCH, {"of_collection": id, "now": now})


def take(connection: Connection, viewer: Viewer, id: str, picture: str, now: datetime) -> None:
    """Out of it, one of its pictures."""
    _hold(connection, viewer, id)
    rows = _lock(connection, [picture])
    if connection.execute(statements.TAKE, {"of_collection": id, "of_asset": picture}).one_or_none() is None:
        raise _not_in(id, picture)
    connection.execute(statements.TOUCH, {"of_collection": id, "now": now})
    _refresh(connection, rows)


def no_collection(id: str) -> NotFound:
    return NotFound(f"There is no collection {id}")


def _not_in(id: str, picture: str) -> NotFound:
    return NotFound(f"There is no picture {picture} in collection {id}")


def _hold(connection: Connection, viewer: Viewer, id: str) -> AnyRow:
    held = connection.execute(statements.HELD, {"of_collection": id}).one_or_none()
    if held is None or not viewer.sees(held):
        raise no_collection(id)
    viewer.check_change(held, f"collection {id}")
    return held


def _gap(found: Sequence[AnyRow], behind: str | None) -> tuple[str | None, str | None]:
    """Between which positions: of the others of the collection, in order."""
    places = [row.position for row in found]
    if behind is None:
        return (places[-1] if places else None), None
    if behind == FIRST:
        return None, (places[0] if places else None)
    at = next((at for at, row in enumerate(found) if row.asset_id == behind), None)
    if at is None:
        raise InvalidRequest(f"'{behind}' is no other picture of this collection: name one to stand behind", "after")
    return places[at], (places[at + 1] if at + 1 < len(places) else None)


def _lock(connection: Connection, pictures: Sequence[str]) -> dict[str, AnyRow]:
    """Rows of pictures whether they are deleted or not, in one order."""
    found = ((one, connection.execute(search.HELD, {"of_asset": one}).one_or_none()) for one in sorted(pictures))
    return {one: row for one, row in found if row is not None}


def _refresh(connection: Connection, rows: dict[str, AnyRow]) -> None:
    for one, row in rows.items():
        refresh(connection, row, one)

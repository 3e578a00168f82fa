"""Pictures into the search table, within the transaction that writes them; and the counts of them, which follow."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select, text, update

from router.assets.search.counting import Counts, counts
from router.assets.search.entry import Entry
from router.assets.search.numbers import new_number, time_of
from router.assets.search.tables import asset_counts, asset_search
from router.storage.columns import Utc
from router.storage.database import AnyRow
from router.storage.insertion import Insertion

_INSERT = Insertion(asset_search, " ON CONFLICT (n) DO NOTHING")
_COUNT = text(
    "INSERT INTO asset_counts (owner, space, day, facet, pictures) VALUES (:owner, :space, :day, :facet, :pictures)"
    " ON CONFLICT (owner, day, space, facet) DO UPDATE SET pictures = asset_counts.pictures + excluded.pictures"
)
_OF_ASSET = asset_search.c.asset_id == bindparam("of_asset")
_COUNTED = (asset_search.c.n, asset_search.c.owner, asset_search.c.space, asset_search.c.facets)
HELD = select(*_COUNTED, asset_search.c.deleted_at).where(_OF_ASSET).with_for_update()
"""A picture's row, held until the transaction ends, so that what it is counted under changes once."""
_CHANGE = (
    update(asset_search)
    .where(_OF_ASSET)
    .values(words=bindparam("new_words"), terms=bindparam("new_terms"), facets=bindparam("new_facets"))
)
_GIVE = update(asset_search).where(_OF_ASSET).values(owner=bindparam("to_owner"))
_DELETE = update(asset_search).where(_OF_ASSET).values(deleted_at=bindparam("at", type_=Utc))


def add(connection: Connection, entry: Entry) -> None:
    """A picture that is new."""
    columns, number = entry.columns(), new_number(entry.created_at)
    while not _INSERT.run(connection, {"n": number} | columns):
        number += 1
    count(connection, counts(entry.owner, entry.space, entry.day, entry.facets, 1))


def change(connection: Connection, held: AnyRow, entry: Entry) -> None:
    """What a picture is found by, as it is now; `held` is its row of `HELD`."""
    new = {f"new_{name}": value for name, value in entry.changing().items()}
    connection.execute(_CHANGE, {"of_asset": entry.asset_id} | new)
    if held.deleted_at is None:
        changes = counts_of(held, -1)
        changes.update(counts(entry.owner, entry.space, day_of(held), entry.facets, 1))
        count(connection, changes)


def give(connection: Connection, asset_id: str, owner: str) -> None:
    """To whom a picture belongs as it is found."""
    connection.execute(_GIVE, {"of_asset": asset_id, "to_owner": owner})


def take_out(connection: Connection, held: AnyRow, asset_id: str, at: datetime) -> None:
    """A picture that was deleted is found no more."""
    connection.execute(_DELETE, {"of_asset": asset_id, "at": at})
    count(connection, counts_of(held, -1))


def put_back(connection: Connection, held: AnyRow, asset_id: str) -> None:
    """A picture that was deleted is found again."""
    connection.execute(_DELETE, {"of_asset": asset_id, "at": None})
    count(connection, counts_of(held, 1))


def uncount(connection: Connection, asset_id: str) -> None:
    """A picture whose rows are about to go."""
    held = connection.execute(HELD, {"of_asset": asset_id}).one_or_none()
    if held is not None and held.deleted_at is None:
        count(connection, counts_of(held, -1))


def counts_of(held: AnyRow, times: int) -> Counts:
    """What a picture's row is counted under."""
    return counts(held.owner, held.space, day_of(held), held.facets.split("\n"), times)


def day_of(held: AnyRow) -> str:
    """On which a picture is counted: that of its number."""
    return time_of(held.n).astimezone(UTC).date().isoformat()


def count(connection: Connection, changes: Counts) -> None:
    """Add to the counts, in one order: two who count the same wait for each other."""
    names = tuple(asset_counts.primary_key.columns.keys())
    rows = [dict(zip(names, key, strict=True)) | {"pictures": by} for key, by in sorted(changes.items()) if by]
    if rows:
        connection.execute(_COUNT, rows)

"""The transactions of the library: each public function is one, run as a whole on a thread of the database.

Writes begin by counting the revision up, which is a lock: what they read after that nobody else changes. Where nothing
is to be written in the end, the count is given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from configs.errors import NotFound, UnknownName, VersionConflict
from configs.semver import following, rank
from router.assets import statements as assets
from router.library import rows, statements
from router.library.diff import describe_difference
from router.library.kinds import kind_named
from router.library.model import LIVE, MARKS, Entry, NewEntry, Versions
from router.library.seeding import Seed, Seeding, settle
from router.people.audit.model import SYSTEM, Signature
from router.people.audit.writing import write_line


def add(
    connection: Connection, new: NewEntry, mark: str | None, signature: Signature | None, now: datetime
) -> tuple[Entry, bool]:
    """The entry, and whether it is new. Raises `VersionConflict`; and `UnknownName` for a mark that there is not."""
    seq = _lock(connection)
    check_mark(mark)
    there = _entries(connection, new.kind, new.id)
    known = next((entry for entry in there if entry.version == new.version), None)
    if known is not None:
        connection.rollback()
        check_same(new, known, there)
        return known, False
    check_forward(new.id, new.version, there)
    _insert(connection, new, now)
    if mark is not None:
        _move(connection, seq, rows.a_move(new, mark, new.version, new.author, now, new.notes))
    _write_added(connection, new, mark, signature, now)
    return rows.as_entry(new, now), True


def move(
    connection: Connection,
    kind: str,
    id: str,
    mark: str,
    version: str | None,
    by: str,
    note: str,
    signature: Signature | None,
    now: datetime,
) -> Versions:
    """Set a mark, or take it away, and note it in the history. Raises `NotFound` and `UnknownName`."""
    seq = _lock(connection)
    check_mark(mark)
    found = _versions(connection, kind, id)
    target = None if version is None else found.require(version).version
    stands = found.marks[mark].version if mark in found.marks else None
    if stands == target:
        connection.rollback()
        return found
    _move(connection, seq, rows.a_move(found, mark, target, by, now, note))
    told = {"mark": mark, "from": stands, "to": target, "note": note}
    write_line(connection, signature, "library.mark", (kind, id), told, now)
    return _versions(connection, kind, id)


def seed(connection: Connection, seeds: Sequence[Seed], now: datetime) -> Seeding:
    """Take in what the YAML files say that is new, and tell what of them is not used."""
    _lock(connection)
    entries = [rows.read_entry(row) for row in connection.execute(statements.KNOWN_ENTRIES)]
    marks = connection.execute(statements.MARKS).all()
    settled = settle(seeds, rows.group(entries, marks))
    if not settled.added:
        connection.rollback()
        return settled
    for new in settled.added:
        _insert(connection, new, now)
        _move(connection, _lock(connection), rows.a_move(new, LIVE, new.version, new.author, now, new.notes))
        _write_added(connection, new, LIVE, SYSTEM, now)
    return settled


def check_mark(mark: str | None) -> None:
    """Raises `UnknownName`."""
    if mark is not None and mark not in MARKS:
        raise UnknownName(f"there is no mark '{mark[:64]}'; marks are {' and '.join(MARKS)}", "mark", MARKS)


def only(kind: str, id: str, found: Versions | None) -> Versions:
    """Raises `NotFound`."""
    if found is None:
        raise NotFound(f"the library has no {kind_named(kind).one} '{id[:64]}'", "id")
    return found


def _lock(connection: Connection) -> int:
    """Whoever comes later waits until this transaction has ended. Its number grows with every change."""
    return int(connection.execute(statements.NEXT_REVISION).scalar_one())


def _entries(connection: Connection, kind: str, id: str) -> list[Entry]:
    found = connection.execute(statements.ENTRIES_OF_ENTRY, {"kind": kind, "id": id})
    return [rows.read_entry(row) for row in found]


def _versions(connection: Connection, kind: str, id: str) -> Versions:
    marks = connection.execute(statements.MARKS_OF_ENTRY, {"kind": kind, "id": id}).all()
    return only(kind, id, next(iter(rows.group(_entries(connection, kind, id), marks).values()), None))


def check_same(new: NewEntry, known: Entry, there: Sequence[Entry]) -> None:
    """Raises `VersionConflict` where what is known under this version is something else."""
    difference = describe_difference(kind_named(new.kind), known, new)
    if difference:
        after = following(max((entry.version for entry in there), key=rank))
        raise VersionConflict(
            f"{new.id} {new.version} is in the library with other content ({difference}): give a higher version, such "
            f"as {after}",
            "version",
        )


def check_forward(id: str, version: str, there: Sequence[Entry]) -> None:
    """Raises `VersionConflict` for a version that goes back."""
    newest = max((entry.version for entry in there), key=rank, default=None)
    if newest is not None and rank(version) <= rank(newest):
        raise VersionConflict(
            f"{version} goes back behind {newest}, which {id} has: give a higher version, such as {following(newest)}",
            "version",
        )


def _insert(connection: Connection, new: NewEntry, now: datetime) -> None:
    connection.execute(statements.INSERT_ENTRY, rows.entry_row(new, now))
    if new.file is not None:
        connection.execute(assets.FORGET_LOOSE, {"file": new.file})


def _write_added(
    connection: Connection, new: NewEntry, mark: str | None, signature: Signature | None, now: datetime
) -> None:
    told = {"version": new.version, "mark": mark, "sha256": new.sha256, "notes": new.notes}
    write_line(connection, signature, "library.add", (new.kind, new.id), told, now)


def _move(connection: Connection, seq: int, move: dict[str, Any]) -> None:
    """`move` from where the mark stands."""
    where = {"of_kind": move["kind"], "of_id": move["id"], "of_mark": move["mark"]}
    stood = connection.execute(statements.REMOVE_MARK, where).scalar_one_or_none()
    connection.execute(statements.INSERT_MOVE, move | {"seq": seq, "from_version": stood})
    if move["to_version"] is not None:
        connection.execute(statements.INSERT_MARK, rows.mark_row(move))

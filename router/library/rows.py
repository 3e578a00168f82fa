"""Rows to the library's vocabulary and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias

from configs.semver import rank
from router.library.model import Entry, Mark, Move, NewEntry, Versions
from router.storage.database import AnyRow

Key: TypeAlias = tuple[str, str]
"""The kind of an entry, and its id."""


def entry_row(new: NewEntry, now: datetime) -> dict[str, Any]:
    """Parameters that insert an entry."""
    return {
        "kind": new.kind,
        "id": new.id,
        "version": new.version,
        "sha256": new.sha256,
        "body": new.body,
        "file": new.file,
        "author": new.author,
        "notes": new.notes,
        "created_at": now,
    }


def as_entry(new: NewEntry, now: datetime) -> Entry:
    """The entry that `entry_row` has written, without reading it back."""
    return Entry(
        new.kind, new.id, new.version, new.body, new.sha256, new.author, new.notes, created_at=now, file=new.file
    )


def read_entry(row: AnyRow) -> Entry:
    return Entry(
        row.kind,
        row.id,
        row.version,
        row.body,
        row.sha256,
        row.author,
        row.notes,
        created_at=row.created_at,
        file=row.file,
    )


def a_move(of: NewEntry | Versions, mark: str, to: str | None, by: str, now: datetime, note: str) -> dict[str, Any]:
    """Parameters that insert a move, but for where it comes from and its number."""
    whose = {"kind": of.kind, "id": of.id, "mark": mark}
    return whose | {"to_version": to, "moved_by": by, "moved_at": now, "note": note}


def mark_row(move: dict[str, Any]) -> dict[str, Any]:
    """Parameters that insert the mark that a move has set."""
    kept = {name: move[name] for name in ("kind", "id", "mark", "moved_by", "moved_at")}
    return kept | {"version": move["to_version"]}


def read_mark(row: AnyRow) -> Mark:
    return Mark(row.mark, row.version, row.moved_by, row.moved_at)


def read_move(row: AnyRow) -> Move:
    return Move(row.seq, row.mark, row.from_version, row.to_version, row.moved_by, row.moved_at, row.note)


def group(entries: Iterable[Entry], marks: Sequence[AnyRow]) -> dict[Key, Versions]:
    """All versions of each entry with its marks, in order of kind and id."""
    standing: dict[Key, dict[str, Mark]] = {}
    for row in marks:
        standing.setdefault((row.kind, row.id), {})[row.mark] = read_mark(row)
    ordered = sorted(entries, key=_key)
    return {key: _versions(key, list(found), standing.get(key, {})) for key, found in groupby(ordered, key=_key)}


def _key(entry: Entry) -> Key:
    return entry.kind, entry.id


def _versions(key: Key, entries: list[Entry], marks: dict[str, Mark]) -> Versions:
    newest_first = sorted(entries, key=lambda entry: rank(entry.version), reverse=True)
    return Versions(*key, tuple(newest_first), dict(sorted(marks.items(), reverse=True)))

"""The transactions of spaces: each public function is one, run as a whole on a thread of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from configs.errors import NotFound, StateConflict
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.spaces import statements
from router.people.spaces.model import (
    DEFAULTS,
    FILES,
    NO_DEFAULTS,
    USUAL_FILES,
    Defaults,
    Member,
    MemberRole,
    Space,
    SpaceChange,
    SpaceFiles,
)
from router.people.tables import HOME
from router.storage.database import AnyRow
from router.storage.documents import UnreadableDocument


def create(connection: Connection, id: str, wish: SpaceChange, by: Signature | None, now: datetime) -> Space:
    """Raises `StateConflict` where there is one of this id."""
    name, defaults, files = wish.name or id, wish.defaults or NO_DEFAULTS, wish.files or USUAL_FILES
    documents = {"defaults": DEFAULTS.write(defaults), "files": FILES.write(files)}
    if not statements.INSERT.run(connection, {"id": id, "name": name, **documents, "created_at": now}):
        raise StateConflict(f"there is a space '{id}' already: choose another id")
    told = {"name": name, "defaults": _told(defaults), "files": _told_files(files)}
    write_line(connection, by, "space.create", ("space", id), told, now)
    return find(connection, id)


def find(connection: Connection, id: str) -> Space:
    """Raises `NotFound`."""
    found = connection.execute(statements.ONE, {"of_space": id}).one_or_none()
    if found is None:
        raise not_found(id)
    return read_spaces([found], connection.execute(statements.MEMBERS, {"of_spaces": [id]}).all())[0]


def change(connection: Connection, id: str, wish: SpaceChange, by: Signature | None, now: datetime) -> Space:
    """What is None stays. Raises `NotFound`."""
    before = find(connection, id)
    after = replace(
        before,
        name=wish.name or before.name,
        defaults=wish.defaults or before.defaults,
        files=wish.files or before.files,
    )
    if after != before:
        documents = {"new_defaults": DEFAULTS.write(after.defaults), "new_files": FILES.write(after.files)}
        connection.execute(statements.CHANGE, {"of_space": id, "new_name": after.name, **documents})
        told = {"name": after.name, "defaults": _told(after.defaults), "before": _told(before.defaults)}
        if after.files != before.files:
            told |= {"files": _told_files(after.files), "files_before": _told_files(before.files)}
        write_line(connection, by, "space.change", ("space", id), told, now)
    return after


def archive(connection: Connection, id: str, archived: bool, by: Signature | None, now: datetime) -> Space:
    """Raises `NotFound`, and `StateConflict` for the home of what belongs to no team."""
    before = find(connection, id)
    if archived != (before.archived_at is not None):
        _check_not_home(id)
        connection.execute(statements.ARCHIVE, {"of_space": id, "at": now if archived else None})
        write_line(connection, by, "space.archive" if archived else "space.restore", ("space", id), {}, now)
    return find(connection, id)


def remove(connection: Connection, id: str, by: Signature | None, now: datetime) -> Space | None:
    """None where it is gone; archived, as it then stands, where something was made in it. Raises `NotFound`."""
    find(connection, id)
    _check_not_home(id)
    if connection.execute(statements.HOLDS, {"of_space": id}).scalar_one():
        return archive(connection, id, True, by, now)
    connection.execute(statements.DELETE, {"of_space": id})
    write_line(connection, by, "space.delete", ("space", id), {}, now)
    return None


def put_member(
    connection: Connection, id: str, principal: str, role: MemberRole, by: Signature | None, now: datetime
) -> Space:
    """Raises `NotFound` for a space or somebody who is not there."""
    before = find(connection, id).role_of(principal)
    if connection.execute(statements.PRINCIPAL, {"of_principal": principal}).one_or_none() is None:
        raise NotFound(f"there is nobody '{principal}': people are known from their first sign-in on", "principal")
    if before != role:
        connection.execute(statements.PUT_MEMBER, {"of_space": id, "of_principal": principal, "role": role})
        told = {"principal": principal, "role": role, "before": before}
        write_line(connection, by, "space.member", ("space", id), told, now)
    return find(connection, id)


def remove_member(connection: Connection, id: str, principal: str, by: Signature | None, now: datetime) -> Space:
    """Raises `NotFound` for who is not in it."""
    find(connection, id)
    which = {"of_space": id, "of_principal": principal}
    if not connection.execute(statements.REMOVE_MEMBER, which).rowcount:
        raise NotFound(f"'{principal}' is not in the space '{id}'", "principal")
    write_line(connection, by, "space.leave", ("space", id), {"principal": principal}, now)
    return find(connection, id)


def _told(defaults: Defaults) -> dict[str, str]:
    return defaults.model_dump(exclude_none=True)


def _told_files(files: SpaceFiles) -> dict[str, Any]:
    return files.model_dump(mode="json", exclude_defaults=True)


def not_found(id: str) -> NotFound:
    return NotFound(f"there is no space '{id}'", "id")


def read_spaces(rows: Sequence[AnyRow], members: Sequence[AnyRow]) -> tuple[Space, ...]:
    """Spaces with those who are in them."""
    return tuple(
        Space(
            id=row.id,
            name=row.name,
            defaults=_defaults(row.defaults),
            files=_files(row.files),
            created_at=row.created_at,
            archived_at=row.archived_at,
            members=tuple(map(_member, (one for one in members if one.space == row.id))),
        )
        for row in rows
    )


def _member(row: AnyRow) -> Member:
    return Member(row.principal, row.name, "member" if row.role == "member" else "lead")


def _defaults(text: str) -> Defaults:
    """Those that another release has written are none: requests then say it themselves."""
    try:
        return DEFAULTS.read(text)
    except UnreadableDocument:
        return NO_DEFAULTS


def _files(text: str) -> SpaceFiles:
    """The same."""
    try:
        return FILES.read(text)
    except UnreadableDocument:
        return USUAL_FILES


def _check_not_home(id: str) -> None:
    if id == HOME:
        raise StateConflict("home is where everything is that belongs to no team: it stays")

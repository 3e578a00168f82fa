"""What another release has written, and this one cannot read: whoever asks for it is told so, and nobody else stops."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from configs.errors import StateConflict
from router.storage.database import AnyRow
from router.storage.documents import UnreadableDocument

T = TypeVar("T")

_log = logging.getLogger("atelier.experiments")
CHECK = "python -m router.storage check"


@dataclass(frozen=True, slots=True)
class Legible(Generic[T]):
    """Those that can be read, and a sentence for each of the others, by its key."""

    read: tuple[T, ...]
    unreadable: dict[str, str]


def read_all(
    read: Callable[[AnyRow], T],
    rows: Iterable[AnyRow],
    name: Callable[[AnyRow], str],
    key: Callable[[AnyRow], str] | None = None,
) -> Legible[T]:
    """Rows, of which `name` says what each is; it is the `key`, too, unless there is another."""
    found, unreadable = list[T](), dict[str, str]()
    for row in rows:
        try:
            found.append(read(row))
        except UnreadableDocument as error:
            unreadable[(key or name)(row)] = why_unreadable(name(row), error)
            _log.warning("%s is left out: %s", name(row), error)
    return Legible(tuple(found), unreadable)


def read_one(read: Callable[[AnyRow], T], row: AnyRow, name: str) -> T:
    """Raises `StateConflict` where it cannot be read."""
    try:
        return read(row)
    except UnreadableDocument as error:
        raise StateConflict(why_unreadable(name, error)) from None


def why_unreadable(name: str, error: UnreadableDocument) -> str:
    """What is wrong, and what to do."""
    return (
        f"{name} was written by another release of the studio ({error}): go on with that release, or update this one; "
        f"`{CHECK}` lists all that it cannot read"
    )

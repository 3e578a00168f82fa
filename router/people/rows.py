"""From rows to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from router.people.person import Named, Person, read_roles


def read_people(rows: Iterable[Any]) -> Iterator[Person]:
    """Of rows that are sorted by person, one for each space that they are in."""
    for _, group in groupby(rows, key=lambda row: row.id):
        of_one = list(group)
        yield read_person(of_one[0], frozenset(row.in_space for row in of_one if row.in_space))


def read_names(rows: Iterable[Any]) -> Iterator[Named]:
    """Of rows of ids and names."""
    return (Named(row.id, row.name) for row in rows)


def read_person(row: Any, spaces: frozenset[str] = frozenset()) -> Person:
    """One row of `principals`."""
    return Person(
        id=row.id,
        name=row.name,
        given=read_roles(row.roles),
        told=read_roles(row.token_roles),
        created_at=row.created_at,
        subject=row.subject,
        seen_at=row.seen_at,
        deactivated_at=row.deactivated_at,
        spaces=spaces,
    )

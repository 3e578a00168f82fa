"""What differs between two bodies of entries, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from configs.entries import Json, body_of
from router.library.kinds import EntryKind
from router.library.model import Entry, NewEntry
from router.storage.documents import UnreadableDocument

Path: TypeAlias = tuple[str, ...]

_NAMED = 4  # fields in a sentence


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs. `added` has no `before`, `removed` no `after`."""

    path: Path
    before: Json
    after: Json
    added: bool = False
    removed: bool = False

    @property
    def field(self) -> str:
        """As people write it: `weights.path`."""
        return ".".join(self.path)


def compare(before: Mapping[str, Any], after: Mapping[str, Any], path: Path = ()) -> Iterator[Change]:
    """Every difference, by name; what is inside an object is told by itself, lists as a whole."""
    for name in sorted(before.keys() | after.keys()):
        place = (*path, name)
        if name not in after:
            yield Change(place, before[name], None, removed=True)
        elif name not in before:
            yield Change(place, None, after[name], added=True)
        elif isinstance(before[name], dict) and isinstance(after[name], dict):
            yield from compare(before[name], after[name], place)
        elif not same(before[name], after[name]):
            yield Change(place, before[name], after[name])


def same(one: Json, other: Json) -> bool:
    """Equal as JSON has it: true is no 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def describe_difference(kind: EntryKind[Any], known: Entry, new: NewEntry) -> str:
    """The fields in which `new` differs from what is known, in words; empty where it says the same. A release that has
    written other defaults, or none, has said the same, too."""
    if known.sha256 == new.sha256:
        return ""
    try:
        said = body_of(kind.read(known))
    except UnreadableDocument:
        return "of a form that this release cannot read"
    fields = [change.field for change in compare(said, json.loads(new.body))]
    more = f" and {len(fields) - _NAMED} more" if len(fields) > _NAMED else ""
    return ", ".join(fields[:_NAMED]) + more

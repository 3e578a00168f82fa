"""The vocabulary of the library: entries, marks, and their moves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from configs.errors import InvalidRequest, UnknownName

MarkName: TypeAlias = Literal["live", "candidate"]
"""`live` is what is planned with; `candidate` is what is being tried."""

LIVE: MarkName = "live"
CANDIDATE: MarkName = "candidate"
MARKS: tuple[MarkName, ...] = get_args(MarkName)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A version to add. `body` is canonical JSON and `sha256` its hash; `file` is what it needs in the file store."""

    kind: str
    id: str
    version: str
    body: str
    sha256: str
    author: str
    notes: str = ""
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of what somebody made: it never changes."""

    kind: str
    id: str
    version: str
    body: str
    sha256: str
    author: str
    notes: str
    created_at: datetime
    file: str | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What it says. Raises `InvalidRequest` where the database no longer has that."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            message = f"{self.id} {self.version} is damaged in the database: add a higher version"
            raise InvalidRequest(message, "version")
        return said


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a mark of an entry stands, and who moved it there."""

    mark: str
    version: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """A mark that was moved; None is 'nowhere', before it was first set and after it was taken away."""

    seq: int
    mark: str
    before: str | None
    after: str | None
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of one entry, the newest first, and its marks."""

    kind: str
    id: str
    entries: tuple[Entry, ...]
    marks: dict[str, Mark] = field(default_factory=dict)

    @property
    def newest(self) -> Entry:
        return self.entries[0]

    def find(self, version: str) -> Entry | None:
        """The version of that number, or where the mark of that name stands."""
        if version in self.marks:
            version = self.marks[version].version
        return next((one for one in self.entries if one.version == version), None)

    def require(self, version: str, field: str = "version") -> Entry:
        """`find`; raises `UnknownName`, listing what there is."""
        entry = self.find(version)
        if entry is None:
            there = (*self.marks, *(one.version for one in self.entries))
            message = f"{self.id} has no version '{version[:64]}'; it has {', '.join(there)}"
            raise UnknownName(message, field, there)
        return entry

    @property
    def shown(self) -> Entry:
        """What is meant where nobody names a version: the live one, else the newest."""
        return self.find(LIVE) or self.newest

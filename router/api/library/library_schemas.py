"""Bodies of the library's routes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from configs.frozen import Frozen
from configs.semver import FIRST
from configs.text import Paragraphs


class MarkBody(Frozen):
    """Where a mark stands, and who moved it there."""

    mark: str
    version: str
    by: str
    at: datetime


class EntrySummary(Frozen):
    """An entry in a list. `newest` is its highest version, marked or not."""

    kind: str
    id: str
    name: str
    marks: tuple[MarkBody, ...] = Field(description="live: what is planned with; candidate: what is being tried")
    newest: str
    problem: str | None = Field(default=None, description="why the live version is not offered")


class EntriesBody(Frozen):
    """The entries of a kind, by id."""

    entries: tuple[EntrySummary, ...]


class VersionBody(Frozen):
    """One version, which never changes. `sha256` is the hash of its content."""

    version: str
    sha256: str
    author: str
    notes: str
    created_at: datetime
    marks: tuple[str, ...] = ()


class VersionsBody(Frozen):
    """All versions of an entry, the newest first."""

    kind: str
    id: str
    versions: tuple[VersionBody, ...]


class EntryBody(VersionBody):
    """One version with its content; `body` leaves out what is as usual."""

    kind: str
    id: str
    body: dict[str, Any]


class NewEntryBody(Frozen):
    """A version to add."""

    id: str = Field(max_length=200)
    version: str = Field(default=FIRST, max_length=200, description="higher than those that are there, as 1.2.0")
    body: dict[str, Any] = Field(description="the fields of its kind, as its YAML under configs/ would have them")
    notes: Paragraphs = Field(default="", max_length=2000, description="what is new in it")
    mark: str | None = Field(default=None, max_length=64, description="live or candidate, to be set to it at once")


class NewMarkBody(Frozen):
    """Where to move a mark."""

    mark: str = Field(max_length=64, description="live or candidate")
    version: str | None = Field(max_length=64, description="a version, or the mark where it stands; null: take it away")
    note: Paragraphs = Field(default="", max_length=2000, description="why")


class MarksBody(Frozen):
    """The marks of an entry as they stand."""

    kind: str
    id: str
    marks: tuple[MarkBody, ...]


class ChangeBody(Frozen):
    """A field that differs. `change` is added, removed or changed."""

    field: str
    change: str
    before: Any = None
    after: Any = None


class DiffBody(Frozen):
    """What differs between two versions, field by field; nothing where they say the same."""

    kind: str
    id: str
    from_version: str
    to_version: str
    changes: tuple[ChangeBody, ...]


class MoveBody(Frozen):
    """A mark that was moved; null is nowhere."""

    seq: int = Field(description="grows with every change of the library")
    mark: str
    from_version: str | None
    to_version: str | None
    by: str
    at: datetime
    note: str


class HistoryBody(Frozen):
    """Every move of a mark of an entry, the last first."""

    kind: str
    id: str
    moves: tuple[MoveBody, ...]


class LoraTrialBody(Frozen):
    """A model that a LoRA was tried with. `exclusive` is why it cannot be mixed with others in one batch."""

    model: str
    effect: float = Field(description="the largest relative change of a weight")
    prediction: float = Field(description="the relative change of the first prediction")
    exclusive: str | None
    encoders: tuple[str, ...] = Field(default=(), description="text encoders that it changes")


class LoraReportBody(Frozen):
    """What a LoRA's file was found to be."""

    family: str
    format: str
    made_for: str | None = Field(description="as it says itself")
    trigger_words: tuple[str, ...] = Field(description="as it says itself")
    frequent_tags: tuple[str, ...] = Field(description="that it has seen most")
    rank: int
    matched: int = Field(description="of its `total` tensors")
    total: int
    skipped: int = Field(description="that change nothing")
    scale: str
    trials: tuple[LoraTrialBody, ...]


class LoraAdded(Frozen):
    """A LoRA that can be drawn with. `report` is null where it was here already."""

    entry: EntryBody
    report: LoraReportBody | None = None
    notes: tuple[str, ...] = Field(default=(), description="what to know of it")

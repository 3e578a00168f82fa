"""Written by `python -m clients.generator.synchronous` from `library.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from atelier.calls import Call
from atelier.library import _add, _add_prompts, _diff, _entries, _entry, _history, _mark, _versions
from atelier.models.answers import Diff as Diff
from atelier.models.answers import Entry as Entry
from atelier.models.answers import EntrySummary as EntrySummary
from atelier.models.answers import Mark as Mark
from atelier.models.answers import Move as Move
from atelier.models.answers import Version as Version


class Library:
    """The library of a studio: `asset-types` and `loras`, in versions, with the marks `live` and `candidate`."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def entries(self, kind: str) -> tuple[EntrySummary, ...]:
        """The entries of a kind with their marks."""
        found: tuple[EntrySummary, ...] = self._run(_entries(kind))
        return found

    def entry(self, kind: str, id: str, version: str | None = None) -> Entry:
        """One version with its content: a version, where a mark stands, or what is live."""
        found: Entry = self._run(_entry(kind, id, version))
        return found

    def versions(self, kind: str, id: str) -> tuple[Version, ...]:
        """All versions, the newest first."""
        found: tuple[Version, ...] = self._run(_versions(kind, id))
        return found

    def diff(self, kind: str, id: str, before: str, after: str) -> Diff:
        """What differs between two versions or marks, field by field."""
        found: Diff = self._run(_diff(kind, id, before, after))
        return found

    def history(self, kind: str, id: str) -> tuple[Move, ...]:
        """Who moved which mark from where to where, the last first."""
        found: tuple[Move, ...] = self._run(_history(kind, id))
        return found

    def mark(self, kind: str, id: str, mark: str, version: str | None, note: str = "") -> tuple[Mark, ...]:
        """Move a mark to a version, or to where another mark stands; None takes it away. What is live is drawn with."""
        found: tuple[Mark, ...] = self._run(_mark(kind, id, mark, version, note))
        return found

    def add(
        self, kind: str, id: str, version: str, body: Mapping[str, Any], notes: str = "", mark: str | None = None
    ) -> Entry:
        """Add a version, higher than those that are there; the same again is the same. Raises `VersionConflict`."""
        found: Entry = self._run(_add(kind, id, version, body, notes, mark))
        return found

    def add_prompts(self, file: str | Path | bytes, *, id: str, name: str = "") -> Entry:
        """Take in a CSV file (prompt, asset_type, seed) as the live version of a prompt set; the same prompts again are
        the same. Raises InvalidRows, which names every row that is wrong, and OSError for a file that is not there."""
        found: Entry = self._run(_add_prompts(file, id, name))
        return found

"""Written by `python -m clients.generator.synchronous` from `datasets.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from atelier.calls import Call
from atelier.datasets import (
    PictureRight,
    Report,
    T,
    _add,
    _adding,
    _all,
    _change,
    _get,
    watch_preflight,
    watch_suggestions,
)
from atelier.flow import Flow, request
from atelier.models.answers import Dataset as Dataset
from atelier.models.answers import DatasetSummary as DatasetSummary
from atelier.models.answers import Preflight as Preflight
from atelier.models.answers import Suggestions as Suggestions
from atelier.retry import Retry


class Datasets:
    """Pictures to learn from, in versions, and what is wrong with them."""

    def __init__(self, walk: Callable[[Flow[Any]], Any], retry: Retry) -> None:
        self._walk, self._retry = walk, retry

    def _run(self, call: Call[T]) -> T:
        found: T = self._walk(request(call, self._retry))
        return found

    def all(self) -> tuple[DatasetSummary, ...]:
        """The datasets of the studio."""
        return self._run(_all())

    def get(self, id: str, version: str | None = None) -> Dataset:
        """One version: a number, a mark, or what is in use."""
        return self._run(_get(id, version))

    def add(
        self,
        place: str | Path,
        *,
        id: str,
        name: str = "",
        asset_type: str | None = None,
        trigger: str = "",
        right: PictureRight | None = None,
        source: str = "",
        notes: str = "",
        report: Report | None = None,
    ) -> Dataset:
        """Make a dataset of a folder, a zip file, or a CSV or JSONL that names pictures beside it. A caption is in
        `NAME.txt` or `NAME.caption` beside each picture, or in the table. Raises BadInput, and OSError for files that
        cannot be read; `VersionConflict` where the id is taken."""
        said = {"name": name, "asset_type": asset_type, "trigger": trigger, "notes": notes}
        said |= {"right": right, "source": source}
        made: Dataset = self._walk(_adding(place, id, said, self._retry, report))
        return made

    def pick(self, pictures: Sequence[Mapping[str, Any] | str], *, id: str, **fields: Any) -> Dataset:
        """Make a dataset of pictures that are in the studio: their names, or `{"picture": …, "caption": …}`."""
        picks = [{"picture": one} if isinstance(one, str) else one for one in pictures]
        return self._run(_add(id, picks, fields))

    def change(self, id: str, **changes: Any) -> Dataset:
        """Write the next version: `captions`, `find` and `replacement`, `rights`, `remove`, `add`, `trigger` …"""
        return self._run(_change(id, changes))

    def caption(self, id: str, captions: Mapping[str, str], by: str = "human") -> Dataset:
        """Write captions, by the ids of pictures."""
        said = [{"picture": picture, "caption": caption, "by": by} for picture, caption in captions.items()]
        return self.change(id, captions=said)

    def suggest(
        self,
        id: str,
        pictures: Sequence[str] = (),
        *,
        by: str | None = None,
        instructions: str = "",
        glossary: Sequence[str] = (),
        report: Report | None = None,
    ) -> Suggestions:
        """Captions for those without one, or for `pictures` that no person has captioned, to be read; nothing is
        written. `by` is a captioner of the studio, or `draft`: from what files are called. `instructions` and a
        `glossary` of words to choose are for captioners that follow them."""
        wish = {"pictures": list(pictures), "by": by, "instructions": instructions, "glossary": list(glossary)}
        found: Suggestions = self._walk(watch_suggestions(id, wish, self._retry, report))
        return found

    def check(self, id: str, version: str | None = None, report: Report | None = None, **asked: Any) -> Preflight:
        """Wait for the preflight of a version: what is wrong with it, a score, and what learning from it would cost
        (`model`, `steps`, `batch`)."""
        found: Preflight = self._walk(watch_preflight(id, version, asked, self._retry, report))
        return found

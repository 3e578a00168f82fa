"""Datasets: pictures to learn from. What the studio answers of them, and the questions, for both clients."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from atelier.calls import Call, reader, segment
from atelier.dataset_files import LocalPicture, local_pictures
from atelier.errors import InvalidRequest, TooLarge
from atelier.flow import Flow, Sleep, request, upload
from atelier.models import Picture
from atelier.models.answers import Dataset as Dataset
from atelier.models.answers import DatasetList as DatasetList
from atelier.models.answers import DatasetPicture as DatasetPicture
from atelier.models.answers import DatasetSummary as DatasetSummary
from atelier.models.answers import Finding as Finding
from atelier.models.answers import LeftOut as LeftOut
from atelier.models.answers import Preflight as Preflight
from atelier.models.answers import Score as Score
from atelier.models.answers import Suggestion as Suggestion
from atelier.models.answers import Suggestions as Suggestions
from atelier.models.answers import TrainingCost as TrainingCost
from atelier.retry import Retry
from atelier.values import to_json, to_text

T = TypeVar("T")
PictureRight: TypeAlias = Literal["own", "bought", "generated", "unknown"]
_LONG_SECONDS = 900.0


def captions_table(dataset: Dataset) -> str:
    """A CSV file to edit: a row for each picture."""
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(("picture", "file", "caption", "by", "right", "source"))
    for one in dataset.pictures:
        rows.writerow((one.picture, one.name, one.caption, one.caption_by, one.right, one.source))
    return written.getvalue()


def _path(id: str, *more: str) -> str:
    return "/".join(("/datasets", segment(id), *more))


def _at(version: str | None) -> dict[str, str | int | list[str]]:
    return {} if version is None else {"version": to_text(version, "version")}


def _all() -> Call[tuple[DatasetSummary, ...]]:
    read = reader(DatasetList)
    return Call("GET", "/datasets", lambda response: read(response).datasets)


def _get(id: str, version: str | None) -> Call[Dataset]:
    return Call("GET", _path(id), reader(Dataset), params=_at(version))


def _add(id: str, pictures: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> Call[Dataset]:
    said = {name: value for name, value in fields.items() if value is not None}
    body = {"id": id, "pictures": [dict(one) for one in pictures]} | said
    return Call("POST", "/datasets", reader(Dataset), body=_sendable(body), patience=_LONG_SECONDS)


def _add_zip(file: Path, id: str, fields: Mapping[str, Any]) -> Call[Dataset]:
    form = _sendable({name: value for name, value in fields.items() if value})
    files: Mapping[str, tuple[str, bytes | Path]] = {"file": (file.name, file)}
    return Call("POST", _path(id, "zip"), reader(Dataset), form=form, files=files, patience=_LONG_SECONDS)


def _change(id: str, changes: Mapping[str, Any]) -> Call[Dataset]:
    return Call("PATCH", _path(id), reader(Dataset), body=_sendable(changes), patience=_LONG_SECONDS)


def _preflight(id: str, version: str | None, asked: Mapping[str, Any]) -> Call[Preflight]:
    params = {name: to_json(value, name) for name, value in asked.items() if value is not None}
    return Call("GET", _path(id, "preflight"), reader(Preflight), params={**_at(version), **params})


def _suggest(id: str, wish: Mapping[str, Any]) -> Call[Suggestions]:
    body = _sendable({name: value for name, value in wish.items() if value})
    return Call("POST", _path(id, "captions"), reader(Suggestions), body=body, patience=_LONG_SECONDS)


def _sendable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_json(value, name) for name, value in values.items()}


Report: TypeAlias = Callable[[int, int], None]
"""Told how many of how many are done."""


def send_folder(
    pictures: Sequence[LocalPicture], id: str, fields: Mapping[str, Any], retry: Retry, report: Report | None
) -> Flow[Dataset]:
    """Upload local pictures, and make a dataset of them; files that the studio does not take are left out."""
    picks: list[Mapping[str, Any]] = []
    left_out: list[LeftOut] = []
    for number, one in enumerate(pictures, 1):
        right, source = one.right or fields.get("right"), one.source or str(fields.get("source") or "")
        word = right if right in ("own", "bought", "unknown") else None
        try:
            sent: Picture = yield from upload(one.path, retry, word, source)
        except (InvalidRequest, TooLarge) as error:
            left_out.append(LeftOut(file=one.path.name, reason=error.message))
            if len(left_out) == len(pictures):
                raise
            continue
        pick = {"picture": sent.picture_id, "caption": one.caption, "name": one.path.name, "source": source}
        picks.append(pick if right is None else pick | {"right": right})
        if report is not None:
            report(number, len(pictures))
    made = yield from request(_add(id, picks, fields), retry)
    return made.model_copy(update={"left_out": tuple(left_out)})


def watch_preflight(
    id: str, version: str | None, asked: Mapping[str, Any], retry: Retry, report: Report | None
) -> Flow[Preflight]:
    """Ask until it is done."""
    while True:
        found = yield from request(_preflight(id, version, asked), retry)
        if report is not None:
            report(found.looked_at, found.total)
        if found.done:
            return found
        yield Sleep(0.5)


def watch_suggestions(id: str, wish: Mapping[str, Any], retry: Retry, report: Report | None) -> Flow[Suggestions]:
    """Ask until each picture was looked at."""
    captions: list[Suggestion] = []
    nothing_for: list[str] = []
    kept: tuple[str, ...] | None = None
    while True:
        found: Suggestions = yield from request(_suggest(id, wish), retry)
        captions += found.captions
        nothing_for += found.nothing_for
        kept = found.kept if kept is None else kept
        done = len(captions) + len(nothing_for)
        if report is not None:
            report(done, done + len(found.not_yet))
        if not found.not_yet:
            told = {"captions": tuple(captions), "nothing_for": tuple(nothing_for), "kept": kept}
            return found.model_copy(update=told)
        wish = {**wish, "pictures": list(found.not_yet)}
        yield Sleep(0.5)


def _adding(
    place: str | Path, id: str, fields: Mapping[str, Any], retry: Retry, report: Report | None
) -> Flow[Dataset]:
    pictures = local_pictures(place)
    if pictures is None:
        return (yield from request(_add_zip(Path(place), id, fields), retry))
    return (yield from send_folder(pictures, id, fields, retry, report))


class AsyncDatasets:
    """Pictures to learn from, in versions, and what is wrong with them."""

    def __init__(self, walk: Callable[[Flow[Any]], Awaitable[Any]], retry: Retry) -> None:
        self._walk, self._retry = walk, retry

    async def _run(self, call: Call[T]) -> T:
        found: T = await self._walk(request(call, self._retry))
        return found

    async def all(self) -> tuple[DatasetSummary, ...]:
        """The datasets of the studio."""
        return await self._run(_all())

    async def get(self, id: str, version: str | None = None) -> Dataset:
        """One version: a number, a mark, or what is in use."""
        return await self._run(_get(id, version))

    async def add(
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
        made: Dataset = await self._walk(_adding(place, id, said, self._retry, report))
        return made

    async def pick(self, pictures: Sequence[Mapping[str, Any] | str], *, id: str, **fields: Any) -> Dataset:
        """Make a dataset of pictures that are in the studio: their names, or `{"picture": …, "caption": …}`."""
        picks = [{"picture": one} if isinstance(one, str) else one for one in pictures]
        return await self._run(_add(id, picks, fields))

    async def change(self, id: str, **changes: Any) -> Dataset:
        """Write the next version: `captions`, `find` and `replacement`, `rights`, `remove`, `add`, `trigger` …"""
        return await self._run(_change(id, changes))

    async def caption(self, id: str, captions: Mapping[str, str], by: str = "human") -> Dataset:
        """Write captions, by the ids of pictures."""
        said = [{"picture": picture, "caption": caption, "by": by} for picture, caption in captions.items()]
        return await self.change(id, captions=said)

    async def suggest(
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
        found: Suggestions = await self._walk(watch_suggestions(id, wish, self._retry, report))
        return found

    async def check(self, id: str, version: str | None = None, report: Report | None = None, **asked: Any) -> Preflight:
        """Wait for the preflight of a version: what is wrong with it, a score, and what learning from it would cost
        (`model`, `steps`, `batch`)."""
        found: Preflight = await self._walk(watch_preflight(id, version, asked, self._retry, report))
        return found

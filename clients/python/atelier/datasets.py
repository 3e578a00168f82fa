"""Datasets: pictures to learn from. What the studio answers of them, and the questions, for both clients."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from atelier.calls import Call, reader, segment
from atelier.dataset_files import LocalPicture, local_pictures
from atelier.errors import InvalidRequest, TooLarge
from atelier.flow import Flow, Sleep, request, upload
from atelier.models import Body, Licence, Picture
from atelier.retry import Retry
from atelier.values import to_json, to_text

T = TypeVar("T")
PictureRight: TypeAlias = Literal["own", "bought", "generated", "unknown"]
_LONG_SECONDS = 900.0


class DatasetPicture(Body):
    """A picture of a dataset; `picture` is its id."""

    picture: str
    url: str
    name: str
    width: int
    height: int
    caption: str
    caption_by: str
    right: str
    source: str
    licences: tuple[str, ...] = ()


class LeftOut(Body):
    """A file that is not in the dataset, and why."""

    file: str
    reason: str


class DatasetSummary(Body):
    """A dataset in a list."""

    id: str
    name: str
    version: str
    asset_type: str | None = None
    trigger: str
    pictures: int
    captioned: int
    licences: tuple[str, ...]
    created_at: datetime


class DatasetList(Body):
    """The datasets, by id."""

    datasets: tuple[DatasetSummary, ...]


class Dataset(Body):
    """One version of a dataset, which never changes. `licence` is what may be done with what learns from it."""

    id: str
    version: str
    sha256: str
    name: str
    description: str
    asset_type: str | None = None
    trigger: str
    author: str
    notes: str
    created_at: datetime
    marks: tuple[str, ...]
    pictures: tuple[DatasetPicture, ...]
    licence: Licence
    left_out: tuple[LeftOut, ...] = ()


class Finding(Body):
    """What is wrong, or worth a look: `severity` is error, warning or hint."""

    code: str
    severity: str
    reason: str
    remedy: str
    pictures: tuple[str, ...] = ()


class Score(Body):
    """0 to 100, and its parts."""

    total: int
    parts: dict[str, int]


class TrainingCost(Body):
    """What learning from a dataset will take."""

    model: str
    steps: int
    batch: int
    seconds: float
    gpu_hours: float
    amount: float | None = None
    currency: str | None = None


class Preflight(Body):
    """What is wrong with a dataset; `refused` where nothing can be learned from it so."""

    id: str
    version: str
    done: bool
    looked_at: int
    total: int
    refused: bool | None = None
    score: Score | None = None
    findings: tuple[Finding, ...] = ()
    cost: TrainingCost | None = None


class Suggestion(Body):
    """A caption that a program suggests; `by` says which."""

    picture: str
    caption: str
    by: str


class Suggestions(Body):
    """Captions for a person to read."""

    captions: tuple[Suggestion, ...]
    nothing_for: tuple[str, ...] = ()


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


def _suggest(id: str, pictures: Sequence[str]) -> Call[Suggestions]:
    body = _sendable({"pictures": list(pictures)})
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


def _adding(
    place: str | Path, id: str, fields: Mapping[str, Any], retry: Retry, report: Report | None
) -> Flow[Dataset]:
    pictures = local_pictures(place)
    if pictures is None:
        return (yield from request(_add_zip(Path(place), id, fields), retry))
    return (yield from send_folder(pictures, id, fields, retry, report))


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

    def suggest(self, id: str, pictures: Sequence[str] = ()) -> Suggestions:
        """Captions for those without one, to be read; nothing is written."""
        return self._run(_suggest(id, pictures))

    def check(self, id: str, version: str | None = None, report: Report | None = None, **asked: Any) -> Preflight:
        """Wait for the preflight of a version: what is wrong with it, a score, and what learning from it would cost
        (`model`, `steps`, `batch`)."""
        found: Preflight = self._walk(watch_preflight(id, version, asked, self._retry, report))
        return found


class AsyncDatasets:
    """`Datasets`, awaited."""

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

    async def suggest(self, id: str, pictures: Sequence[str] = ()) -> Suggestions:
        """Captions for those without one, to be read; nothing is written."""
        return await self._run(_suggest(id, pictures))

    async def check(self, id: str, version: str | None = None, report: Report | None = None, **asked: Any) -> Preflight:
        """Wait for the preflight of a version: what is wrong with it, a score, and what learning from it would cost
        (`model`, `steps`, `batch`)."""
        found: Preflight = await self._walk(watch_preflight(id, version, asked, self._retry, report))
        return found

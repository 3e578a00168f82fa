"""What people make, in versions: what the studio answers of its library, and the questions, for both clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.models.answers import Change as Change
from atelier.models.answers import Diff as Diff
from atelier.models.answers import Entries as Entries
from atelier.models.answers import Entry as Entry
from atelier.models.answers import EntrySummary as EntrySummary
from atelier.models.answers import History as History
from atelier.models.answers import LoraAdded as LoraAdded
from atelier.models.answers import LoraReport as LoraReport
from atelier.models.answers import LoraTrial as LoraTrial
from atelier.models.answers import Mark as Mark
from atelier.models.answers import Marks as Marks
from atelier.models.answers import Move as Move
from atelier.models.answers import Version as Version
from atelier.models.answers import Versions as Versions
from atelier.pictures import file_name
from atelier.values import to_json, to_text

_LOOKING_SECONDS = 900.0  # a studio may start a replica and load models before it answers


def _entries(kind: str) -> Call[tuple[EntrySummary, ...]]:
    read = reader(Entries)
    return Call("GET", f"/library/{segment(kind)}", lambda response: read(response).entries)


def _entry(kind: str, id: str, version: str | None) -> Call[Entry]:
    return Call(
        "GET",
        _path(kind, id),
        reader(Entry),
        params={} if version is None else {"version": to_text(version, "version")},
    )


def _versions(kind: str, id: str) -> Call[tuple[Version, ...]]:
    read = reader(Versions)
    return Call("GET", f"{_path(kind, id)}/versions", lambda response: read(response).versions)


def _diff(kind: str, id: str, before: str, after: str) -> Call[Diff]:
    return Call(
        "GET",
        f"{_path(kind, id)}/diff",
        reader(Diff),
        params={"from": to_text(before, "before"), "to": to_text(after, "after")},
    )


def _history(kind: str, id: str) -> Call[tuple[Move, ...]]:
    read = reader(History)
    return Call("GET", f"{_path(kind, id)}/history", lambda response: read(response).moves)


def _mark(kind: str, id: str, mark: str, version: str | None, note: str) -> Call[tuple[Mark, ...]]:
    read = reader(Marks)
    body = _sendable({"mark": mark, "note": note}) | {"version": version}
    return Call("POST", f"{_path(kind, id)}/mark", lambda response: read(response).marks, body=body)


def _add(kind: str, id: str, version: str, body: Mapping[str, Any], notes: str, mark: str | None) -> Call[Entry]:
    sent = _sendable({"id": id, "version": version, "body": dict(body), "notes": notes, "mark": mark})
    return Call("POST", f"/library/{segment(kind)}", reader(Entry), body=sent)


def _add_prompts(file: str | Path | bytes, id: str, name: str) -> Call[Entry]:
    """Raises `BadInput` for what cannot be sent, naming it."""
    if not isinstance(file, str | Path | bytes):
        raise BadInput("file: give the path of a CSV file, or its content as bytes")
    files = {"file": (file_name(file), file if isinstance(file, bytes) else Path(file))}
    form = _sendable({"name": to_text(name, "name")}) if name else {}
    return Call("POST", f"/prompt-sets/{segment(id)}", reader(Entry), form=form, files=files)


class LoraFields(TypedDict, total=False):
    """What may be said of a LoRA beside its id and licences. Absent `trigger_words` and `family` are as its file tells,
    `models` those of its family that the studio has; `mark` None makes it known and does not offer it."""

    version: str
    name: str
    description: str
    trigger_words: Sequence[str] | None
    strength: float
    family: str | None
    models: Sequence[str]
    notes: str
    mark: str | None


def add_lora(file: str | Path, id: str, licences: Mapping[str, str], **fields: Unpack[LoraFields]) -> Call[LoraAdded]:
    """Raises `BadInput` for what cannot be sent, naming it."""
    if not isinstance(file, str | Path):
        raise BadInput("file: give the path of a .safetensors file")
    if not isinstance(licences, Mapping):
        raise BadInput("licences: give the licence of each part, as {'adapter': 'apache-2.0', 'training data': 'mit'}")
    _check(fields)
    said: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    form: dict[str, Any] = {"id": id, "licence": [f"{part}={licence}" for part, licence in licences.items()]} | said
    if "models" in form:
        form["model"] = list(form.pop("models"))
    if "trigger_words" in form:
        form["trigger_words"] = list(form["trigger_words"]) or [""]
    if "mark" in fields and fields["mark"] is None:
        form["mark"] = "none"
    files = {"file": (file_name(file), Path(file))}
    return Call("POST", "/loras", reader(LoraAdded), form=_sendable(form), files=files, patience=_LOOKING_SECONDS)


def _check(fields: LoraFields) -> None:
    """Raises `BadInput` for what a form would carry and nobody means: a misspelt name, letters in place of words."""
    known = LoraFields.__annotations__
    for name, value in fields.items():
        if name not in known:
            raise BadInput(f"{name} is no field of a LoRA; the fields are {', '.join(known)}")
        if name in ("trigger_words", "models") and isinstance(value, str):
            raise BadInput(f"{name}: give a list of texts, as ['{value}']")


class AsyncLibrary:
    """The library of a studio: `asset-types` and `loras`, in versions, with the marks `live` and `candidate`."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def entries(self, kind: str) -> tuple[EntrySummary, ...]:
        """The entries of a kind with their marks."""
        found: tuple[EntrySummary, ...] = await self._run(_entries(kind))
        return found

    async def entry(self, kind: str, id: str, version: str | None = None) -> Entry:
        """One version with its content: a version, where a mark stands, or what is live."""
        found: Entry = await self._run(_entry(kind, id, version))
        return found

    async def versions(self, kind: str, id: str) -> tuple[Version, ...]:
        """All versions, the newest first."""
        found: tuple[Version, ...] = await self._run(_versions(kind, id))
        return found

    async def diff(self, kind: str, id: str, before: str, after: str) -> Diff:
        """What differs between two versions or marks, field by field."""
        found: Diff = await self._run(_diff(kind, id, before, after))
        return found

    async def history(self, kind: str, id: str) -> tuple[Move, ...]:
        """Who moved which mark from where to where, the last first."""
        found: tuple[Move, ...] = await self._run(_history(kind, id))
        return found

    async def mark(self, kind: str, id: str, mark: str, version: str | None, note: str = "") -> tuple[Mark, ...]:
        """Move a mark to a version, or to where another mark stands; None takes it away. What is live is drawn with."""
        found: tuple[Mark, ...] = await self._run(_mark(kind, id, mark, version, note))
        return found

    async def add(
        self, kind: str, id: str, version: str, body: Mapping[str, Any], notes: str = "", mark: str | None = None
    ) -> Entry:
        """Add a version, higher than those that are there; the same again is the same. Raises `VersionConflict`."""
        found: Entry = await self._run(_add(kind, id, version, body, notes, mark))
        return found

    async def add_prompts(self, file: str | Path | bytes, *, id: str, name: str = "") -> Entry:
        """Take in a CSV file (prompt, asset_type, seed) as the live version of a prompt set; the same prompts again are
        the same. Raises InvalidRows, which names every row that is wrong, and OSError for a file that is not there."""
        found: Entry = await self._run(_add_prompts(file, id, name))
        return found


def _path(kind: str, id: str) -> str:
    return f"/library/{segment(kind)}/{segment(id)}"


def _sendable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Raises `BadInput`, naming the field, for what JSON or a form cannot carry."""
    return {name: to_json(value, name) for name, value in values.items() if value is not None}

"""A LoRA that somebody brings: its file into the file store, tried with the models that it is for, and its entry."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from configs.entries import LORAS, content_hash
from configs.errors import BadLora, InvalidRequest, NotFound, TooLarge
from configs.fitness import TRAINING_DATA, find_lora_misfits
from configs.semver import FIRST
from deployments.blobs.store import BlobStore
from deployments.checkpoints.kinds import identify_open
from deployments.messages import LoraFile, LoraReport
from router.jobs.store import JobStore
from router.library import kinds
from router.library.drafts import read_draft
from router.library.library import Library
from router.library.model import Entry, NewEntry
from router.library.transactions import check_forward, check_mark, check_same
from router.people.audit.model import Signature
from router.replicas import Replicas

ADAPTER = "adapter"
_NOT_KNOWN_YET = "not-known-yet"
_PIECE = 2**20
_HEADER = 8
_LARGEST_HEADER = 16 * 2**20


@dataclass(frozen=True, slots=True)
class BroughtLora:
    """What somebody says of the file that they bring. `licences`: part → licence. What is None is as the file says, or
    as it is found out."""

    id: str
    version: str = FIRST
    name: str = ""
    description: str = ""
    licences: Mapping[str, str] = field(default_factory=dict)
    trigger_words: tuple[str, ...] | None = None
    strength: float = 1.0
    family: str | None = None
    models: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The entry of a LoRA, and whether it is new; what was found in its file, if that was looked at now; and sentences
    that its owner should know."""

    entry: Entry
    is_new: bool
    report: LoraReport | None
    notes: tuple[str, ...] = ()


class LoraIntake:
    """Takes LoRAs in, so that they are drawn with from then on. One that is refused, or whose sender leaves, leaves
    nothing: its file is swept unless an entry names it."""

    def __init__(self, library: Library, jobs: JobStore, blobs: BlobStore, replicas: Replicas, largest: int) -> None:
        """`largest` is how many bytes a file may have."""
        self._library, self._jobs, self._blobs, self._replicas = library, jobs, blobs, replicas
        self._largest = largest

    async def take(
        self,
        lora: BroughtLora,
        file: IO[bytes],
        author: str,
        mark: str | None,
        signature: Signature | None = None,
    ) -> TakenIn:
        """Everything that can be refused without the file is refused before it is stored, and all that can be without
        its model before that is loaded.

        Raises `InvalidRequest`, `TooLarge`, `VersionConflict`, `BadLora`, and what stores and replicas raise.
        """
        check_mark(mark)
        self._check_licences(lora)
        words = lora.trigger_words or ()
        self._check(_draft(lora, author, _body(lora, "0" * 64, 1, models=lora.models, words=words)))
        sha256, size = await asyncio.to_thread(_look, file, self._largest, f"LoRA '{lora.id}'")
        known = await self._known(lora, sha256, size, author)
        if known is not None:
            await self._restore(known, file)
            return TakenIn(known, False, None, await self._told_again(known, mark))
        await self._keep(file, sha256)
        report = await self._replicas.examine(LoraFile(sha256, f"LoRA '{lora.id}'", lora.family, lora.models))
        words = report.trigger_words if lora.trigger_words is None else lora.trigger_words
        models = tuple(trial.model for trial in report.trials)
        new = _draft(lora, author, _body(lora, sha256, size, report.family, models, words))
        await self._keep(file, sha256)  # it was looked at for as long as that takes, and is swept after an hour
        entry, is_new = await self._library.add(new, mark, signature)
        return TakenIn(entry, is_new, report, await self._notes(entry))

    async def _keep(self, file: IO[bytes], sha256: str) -> None:
        """Store a file that no entry names yet."""
        await self._jobs.expect_files(sha256)
        await self._blobs.put_file(file, sha256)

    async def _restore(self, entry: Entry, file: IO[bytes]) -> None:
        """Store what an entry needs once more: who brings it again may do so because it was lost or damaged there."""
        if content_hash(entry.body) == entry.sha256:  # else it is damaged in the database
            await self._blobs.put_file(io.BytesIO(entry.body.encode()), entry.sha256, anew=True)
        if entry.file is not None:
            await self._blobs.put_file(file, entry.file, anew=True)

    def _check_licences(self, lora: BroughtLora) -> None:
        """Raises `InvalidRequest` where nobody says what it is under, and what it learned from."""
        missing = [part for part in (ADAPTER, TRAINING_DATA) if part not in lora.licences]
        if missing:
            known = tuple(sorted(self._library.installation.catalog.licences))
            parts = " and ".join(f"licence='{part}=ID'" for part in missing)
            message = f"the licence of {' and of '.join(missing)} is missing, and nobody but you knows it: give {parts}"
            raise InvalidRequest(f"{message}; ids are {', '.join(known)}", "licence", known)

    def _check(self, draft: NewEntry) -> None:
        """Raises `InvalidRequest` for what is wrong whatever the file holds."""
        lora = kinds.LORAS.schema.model_validate_json(draft.body)
        catalog = self._library.installation.catalog
        for misfit in find_lora_misfits(lora, catalog):
            place = misfit.place
            unknown = place[0] == "models" and lora.models[int(place[1])] not in catalog.models
            if place[0] == "licence_parts" or unknown or lora.family != _NOT_KNOWN_YET:
                name = _form_field(str(place[0]))
                raise InvalidRequest(f"{name}: {misfit.message}", name)

    async def _known(self, lora: BroughtLora, sha256: str, size: int, author: str) -> Entry | None:
        """The entry that this would be, if it is there already. Raises `VersionConflict` where something else is."""
        try:
            found = await self._library.store.versions(LORAS, lora.id)
        except NotFound:
            return None
        known = found.find(lora.version)
        if known is None:
            check_forward(lora.id, lora.version, found.entries)
            return None
        was = known.content
        words = was.get("trigger_words", ()) if lora.trigger_words is None else lora.trigger_words
        models = lora.models or was.get("models", ())
        body = _body(lora, sha256, size, lora.family or was.get("family"), models, words)
        check_same(_draft(lora, author, body), known, found.entries)
        return known

    async def _told_again(self, entry: Entry, mark: str | None) -> tuple[str, ...]:
        """What is said of one that was here: a repeat moves no mark, which somebody may have moved since."""
        title = f"{entry.id} {entry.version}"
        notes = [f"{title} was here already, the same in all"]
        marks = (await self._library.store.versions(LORAS, entry.id)).marks
        if mark is not None and (mark not in marks or marks[mark].version != entry.version):
            way = f"atelier library mark {LORAS} {entry.id} {mark} {entry.version}"
            notes.append(f"{title} is not {mark}, and does not become so by being brought again: {way}")
        return tuple(notes)

    async def _notes(self, entry: Entry) -> tuple[str, ...]:
        """Which other entries have the same file."""
        same = await self._library.store.with_file(entry.file or "")
        others = sorted({f"{one.id} {one.version}" for one in same if one.id != entry.id})
        return (f"the same file is here as {', '.join(others)}",) if others else ()


def _draft(lora: BroughtLora, author: str, body: Mapping[str, Any]) -> NewEntry:
    """Raises `InvalidRequest` with the fields of the form."""
    try:
        return read_draft(kinds.LORAS, lora.id, lora.version, body, author, lora.notes)
    except InvalidRequest as error:
        place = (error.field or "").removeprefix("body.")
        name = _form_field(place.partition(".")[0])
        raise InvalidRequest(error.message.replace(error.field or name, name), name, error.allowed) from None


def _body(
    lora: BroughtLora,
    sha256: str,
    size: int,
    family: str | None = None,
    models: Sequence[str] = (),
    words: Sequence[str] = (),
) -> dict[str, Any]:
    """As a YAML would have it."""
    return {
        "name": lora.name or lora.id,
        "description": lora.description,
        "family": family or lora.family or _NOT_KNOWN_YET,
        "models": list(models),
        "weights": {"sha256": sha256, "size_bytes": size},
        "trigger_words": list(words),
        "default_strength": lora.strength,
        "licence_parts": [{"part": part, "licence": licence} for part, licence in lora.licences.items()],
    }


def _look(file: IO[bytes], largest: int, owner: str) -> tuple[str, int]:
    """SHA-256 and size of a file that may be safetensors. Raises `TooLarge` and `BadLora`."""
    size = file.seek(0, os.SEEK_END)
    if size > largest:
        raise too_large(largest)
    file.seek(0)
    start = file.read(_HEADER + 1)
    length = int.from_bytes(start[:_HEADER], "little")
    if start[_HEADER:] != b"{" or not 2 <= length <= min(_LARGEST_HEADER, size - _HEADER):
        what = identify_open(file) or "is not safetensors, or broke off on its way."
        raise BadLora(f"{owner}: the file {what if size else 'is empty.'}", "file")
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest(), size


def too_large(largest: int) -> TooLarge:
    """What is said of a file that is larger."""
    return TooLarge(f"a LoRA's file may have {largest:,} bytes at most (max_lora_bytes of the profile)", "file")


def _form_field(name: str) -> str:
    """What a field of a LoRA is called in the form."""
    return {"default_strength": "strength", "licence_parts": "licence", "models": "model"}.get(name, name)

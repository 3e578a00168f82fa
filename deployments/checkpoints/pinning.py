"""The commit that a hub repository is at now, written into the YAML that names a branch: what runs cannot move."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.document import Document, Place, shown
from configs.errors import ConfigError
from configs.load import parse_document, read_document
from configs.pins import find_moving, write_commits
from configs.weights import Weights
from deployments.checkpoints.cache import is_offline
from deployments.checkpoints.refusals import plainly

_SECONDS = 30.0
_BY_HAND = "write its commit (40 hex digits) as 'revision' by hand"


@dataclass(frozen=True, slots=True)
class Pinned:
    """At this place in the YAML, `weights` stay at `commit` from now on."""

    place: Place
    weights: Weights
    commit: str


def pin(file: Path, config: object, commit_of: Callable[[Weights, str], str]) -> list[Pinned]:
    """Write into the YAML `file`, which was read as `config`, the commit of each of its repositories at a branch, as
    `commit_of` tells it of the weights and of how messages call the file.

    Those that have one stay at it. Raises ConfigError, and writes nothing, when the hub does not tell or the file
    cannot be changed.
    """
    found = [Pinned(place, each, commit_of(each, str(shown(file)))) for place, each in find_moving(config)]
    if found:
        _write(file, {one.place: one.commit for one in found})
    return found


def ask(weights: Weights, owner: str) -> str:
    """The commit that the revision of a repository is at now, as the hub says."""
    import huggingface_hub

    if is_offline():
        raise ConfigError(
            f"{owner}: the hub must be asked for the commit of '{weights.repo}', and nothing is asked while "
            f"ATELIER_OFFLINE or HF_HUB_OFFLINE is set. Unset it once, or {_BY_HAND}.",
            "weights.revision",
        )
    with plainly(weights, owner, f"is not pinned, since the hub does not answer: connect once, or {_BY_HAND}"):
        api = huggingface_hub.HfApi()
        commit = api.model_info(weights.repo or "", revision=weights.revision, timeout=_SECONDS).sha
    if not weights.model_copy(update={"revision": commit}).commit:
        raise ConfigError(f"{owner}: the hub names no commit of '{weights.repo}': {_BY_HAND}.", "weights.revision")
    return commit or ""


def _write(file: Path, commits: Mapping[Place, str]) -> None:
    document = read_document(file)
    text = _text(document, commits)
    if text is None:
        listed = ", ".join(f"{'.'.join(map(str, place))}: {commit}" for place, commit in commits.items())
        message = f"{shown(file)}: its YAML is too entangled to be changed here: write the commits by hand: {listed}."
        raise ConfigError(message, "weights.revision")
    new = file.with_name(f".{file.name}.new")
    try:
        new.write_bytes(text.encode())
        new.chmod(file.stat().st_mode)
        os.replace(new, file)
    except OSError as error:
        raise ConfigError(f"{shown(file)}: cannot be written: {error}", "weights.revision") from None


def _text(document: Document, commits: Mapping[Place, str]) -> str | None:
    """The new text; None if it would say anything else than before but for the commits."""
    expected = copy.deepcopy(document.data)
    for place in commits:
        settings = _at(expected, place)
        settings["revision"] = commits[place]
        settings.pop("unpinned", None)
    try:
        text = write_commits(document, commits)
        return text if parse_document(document.path, text).data == expected else None
    except (KeyError, ConfigError):
        return None


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data

"""Weights of a blob or web folder, mirrored on this node: each content is kept once, and a folder is links to it."""

from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import obstore

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.cache import check_room, digest, is_offline, one_at_a_time, weights_folder
from deployments.checkpoints.contents import Contents
from deployments.checkpoints.progress import Progress, Report, gigabytes
from deployments.checkpoints.transfer import Remote, download, find, open_store, plainly

if TYPE_CHECKING:
    from obstore.store import ObjectStore

log = logging.getLogger(__name__)


def fetch_url(weights: Weights, owner: str, wanted: Contents, report: Report) -> Path:
    """The folder with the `wanted` files of a URL: from the cache, or fetched into it. Raises ConfigError.

    A mirror that is whole is taken as it is, without a look at the source: hashes in `files` are what tells versions
    apart. It appears under its name only when every file in it is whole.
    """
    source = _Source(weights, owner, wanted)
    if source.folder.exists():
        return source.folder
    if is_offline():
        raise ConfigError(
            f"{owner}: {weights.url} is not in the local cache, and nothing is fetched while ATELIER_OFFLINE or "
            "HF_HUB_OFFLINE is set. Unset it once, or copy the weights here and use 'weights.path'.",
            "weights.url",
        )
    with one_at_a_time(source.folder.name, owner):
        if not source.folder.exists():
            source.mirror(report)
    return source.folder


class _Source:
    """One URL, and its mirror: `urls/<key>/<name>` are links to `blobs/<SHA-256>`, as in the hub's own cache."""

    def __init__(self, weights: Weights, owner: str, wanted: Contents) -> None:
        self._weights = weights
        self._owner = owner
        self._wanted = wanted
        self._url = (weights.url or "").rstrip("/")
        root = weights_folder()
        self._blobs = root / "blobs"
        self.folder = root / "urls" / digest(self._url, json.dumps(dict(weights.files), sort_keys=True), repr(wanted))

    def mirror(self, report: Report) -> None:
        self._blobs.mkdir(parents=True, exist_ok=True)
        with plainly(self._url, "the folder", self._owner):
            store = open_store(self._url)
        files = self._files(store)
        total = sum(file.size for file in files)
        check_room(self._blobs, total - sum(map(self._here, files)), self._owner)
        log.info("%s: fetching %s of %s", self._owner, gigabytes(total), self._url)
        found: dict[str, str] = {}
        before = 0
        for file in files:
            tell = lambda done, before=before: report(Progress(self._owner, before + done, total))  # noqa: E731
            found[file.name] = download(store, file, self._blobs, self._owner, tell)
            before += file.size
        self._link(found)

    def _files(self, store: ObjectStore) -> list[Remote]:
        names = [name for name in self._names(store) if name in self._wanted]
        if not any(name.endswith((".safetensors", ".gguf", ".json")) for name in names):
            raise ConfigError(
                f"{self._owner}: {self._url} holds none of {', '.join(self._wanted.allow)}. Weights must be "
                "safetensors: convert pickles (.bin, .pt, .ckpt), or correct 'weights' in the YAML.",
                "weights.url",
            )
        expected = self._weights.files
        return [find(store, self._url, name, expected.get(name), self._owner) for name in sorted(names)]

    def _names(self, store: ObjectStore) -> list[str]:
        if self._weights.files:
            return list(self._weights.files)
        if self._weights.file is not None:
            return list(self._wanted.allow)
        if self._url.startswith("http"):
            raise ConfigError(
                f"{self._owner}: a web server does not tell what is in {self._url}: "
                "list the files with their SHA-256 under 'files', or name one in 'file'.",
                "weights.files",
            )
        with plainly(self._url, "the folder", self._owner):
            return [entry["path"] for page in obstore.list(store) for entry in page]

    def _here(self, file: Remote) -> int:
        if file.sha256 is not None and (self._blobs / file.sha256).exists():
            return file.size
        partial = self._blobs / file.partial
        return partial.stat().st_size if partial.exists() else 0

    def _link(self, found: dict[str, str]) -> None:
        building = self.folder.with_name(self.folder.name + ".building")
        shutil.rmtree(building, ignore_errors=True)
        for name, sha in found.items():
            link = building / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(self._blobs / sha, link.parent))
        os.replace(building, self.folder)

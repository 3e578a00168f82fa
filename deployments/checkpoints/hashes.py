"""The hash of a fetched file against the one promised, computed once per file, since 24 GB take a minute to read."""

from __future__ import annotations

import hashlib
import logging
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from configs.errors import ConfigError
from deployments.checkpoints.cache import weights_folder

log = logging.getLogger(__name__)

_SHA256 = re.compile(r"^[0-9a-f]{64}$")


def sha256(file: Path) -> str:
    """In hex, of the file's content."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def content_hash(file: Path) -> str:
    """The SHA-256 of a file: as its cache names it, or read once by this process until the file changes."""
    status = file.stat()
    return named_hash(file) or _read_once(file.resolve(), status.st_size, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=1024)
def _read_once(file: Path, *_: int) -> str:
    return sha256(file)


def named_hash(file: Path) -> str | None:
    """The SHA-256 that a cache gives a file as its name: the hub's own, and ours for URLs, link to such files."""
    if not file.is_symlink():
        return None
    blob = file.readlink()  # one link only: the hub may keep the content elsewhere, under another name
    return blob.name if blob.parent.name == "blobs" and _SHA256.match(blob.name) else None


def check_hash(file: Path, expected: str, name: str, owner: str) -> None:
    """Raise ConfigError, and delete the file, unless its SHA-256 is `expected`. Remembered until the file changes."""
    place = file.resolve()
    if _noted(place, expected).exists():
        return
    log.info("%s: checking the hash of %s", owner, name)
    if sha256(place) != expected:
        file.unlink(missing_ok=True)
        place.unlink(missing_ok=True)
        raise ConfigError(mismatch(owner, name, expected), "weights")
    note_hash(place, expected)


def note_hash(place: Path, found: str) -> None:
    """Remember, until the file changes, that its SHA-256 was `found`."""
    seen = _noted(place, found)
    with suppress(OSError):  # a read-only folder: checked again at the next start
        seen.parent.mkdir(parents=True, exist_ok=True)
        seen.touch()


def mismatch(owner: str, name: str, expected: str) -> str:
    """The sentence for a file that arrived and is another one."""
    return (
        f"{owner}: {name} is not the file that its hash names ({expected[:12]}…), so it was deleted. Fetch it again; "
        "if that does not help, the source was changed or 'files' in the YAML is wrong."
    )


def _noted(place: Path, expected: str) -> Path:
    """The note of a checked file; another one once the file has changed."""
    status = place.stat()
    return weights_folder() / "verified" / f"{expected}-{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"

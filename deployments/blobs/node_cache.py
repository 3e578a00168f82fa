"""Files of the blob store on this node's disk: each fetched once for all processes that want it, within bounds."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from tempfile import gettempdir
from typing import BinaryIO

from filelock import FileLock

from configs.errors import TooLarge
from deployments.blobs.faults import no_folder
from deployments.blobs.store import BlobStore
from deployments.checkpoints.cache import weights_folder
from deployments.checkpoints.hashes import content_hash

_log = logging.getLogger(__name__)
_FOLDER = "fetched"
_LOCKS = "locks"
_PART = ".part"


@dataclass(frozen=True, slots=True)
class CachedStore:
    """A blob store, by its URL or the folder where there is none, and how many bytes of it a node keeps: as data, for
    replicas on any node to open."""

    url: str | None
    folder: Path
    limit: int

    def open(self) -> NodeCache:
        """Its cache on this node: below the folder for weights or, where that is read-only, the one for temporary
        files. The store is opened when something is fetched."""
        folder = weights_folder() / _FOLDER
        if not _is_writable(folder):
            folder = Path(gettempdir(), f"atelier-{os.getuid()}", _FOLDER)
        return NodeCache(self._connect, folder, self.limit)

    def _connect(self) -> BlobStore:
        if self.url is None and not self.folder.is_dir():
            raise no_folder()  # the front door makes it: here it would hide that a disk is away
        return BlobStore.open(self.url, self.folder)


class NodeCache:
    """Files by their SHA-256. Any thread of any process of this node may call. Once there are more than `limit` bytes,
    what was used longest ago is removed first, and nothing that somebody holds.

    A file that is held is locked (`flock`), so that a process that dies lets go of all that it held.
    """

    def __init__(self, store: Callable[[], BlobStore], folder: Path, limit: int) -> None:
        self._store, self._folder, self._limit = store, folder, limit

    @contextmanager
    def held(self, key: str, suffix: str, largest: int, owner: str) -> Iterator[Path]:
        """The file with the SHA-256 `key`, named by that and `suffix`; it stays while the context is open. `owner` is
        how the log calls it.

        Raises `NotFound`, `DamagedFile` and `FileStoreUnavailable` as the store does, `TooLarge` above `largest` bytes,
        and `OSError` where the node cannot keep it.
        """
        locks = self._folder / _LOCKS
        locks.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{key}{suffix}"
        with FileLock(locks / key):
            opened = self._find(file, key) or self._fetch(file, key, largest, owner)
        with opened:
            os.utime(file, ns=(time.time_ns(), file.stat().st_mtime_ns))
            yield file

    def _find(self, file: Path, key: str) -> BinaryIO | None:
        """The file as it is here, held; None if it is not, or not whole."""
        opened = _hold(file)
        if opened is None:
            return None
        if content_hash(file) != key:
            _log.warning("%s is damaged on this node's disk: it is fetched again", file.name)
            opened.close()
            file.unlink(missing_ok=True)
            return None
        return opened

    def _fetch(self, file: Path, key: str, largest: int, owner: str) -> BinaryIO:
        """The file from the store, held. If that fails, nothing is left of it."""
        began, part = time.monotonic(), file.with_suffix(_PART)

        def expect(size: int) -> None:
            if size > largest:
                raise TooLarge(f"it has {size:,} bytes, and {largest:,} are the most")
            self._make_room(size)

        opened = _create(part)
        try:
            self._store().fetch(key, opened, expect)
            opened.flush()
            os.replace(part, file)
        except BaseException:
            part.unlink(missing_ok=True)
            opened.close()
            raise
        _log.info("%s: fetched %s in %.1f s", owner, file.name, time.monotonic() - began)
        return opened

    def _make_room(self, needed: int) -> None:
        """For `needed` bytes within the limit, and on the disk, as far as nobody holds what would have to go. What a
        process left half fetched when it was killed goes first."""
        there = sorted(_list(self._folder), key=lambda one: (one.path.suffix != _PART, one.used))
        over = sum(one.nbytes for one in there) + needed - self._limit
        over = max(over, needed - shutil.disk_usage(self._folder).free)
        for one in there:
            if over <= 0 and one.path.suffix != _PART:
                return
            if _remove(one.path):
                over -= one.nbytes


@dataclass(frozen=True, slots=True)
class _Kept:
    path: Path
    used: int
    nbytes: int


def _list(folder: Path) -> Iterator[_Kept]:
    """The files of a cache, while others add to it and take from it."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            status = path.stat()
            if S_ISREG(status.st_mode):
                yield _Kept(path, status.st_atime_ns, status.st_size)


def _create(file: Path) -> BinaryIO:
    """A new file, locked so that nobody removes it."""
    while True:
        opened = file.open("w+b")
        fcntl.flock(opened, fcntl.LOCK_SH)
        if os.fstat(opened.fileno()).st_nlink:
            return opened
        opened.close()  # taken for one that was left by a process that died


def _hold(file: Path) -> BinaryIO | None:
    """The file, opened and locked so that nobody removes it; None if it is not there."""
    try:
        opened = file.open("rb")
    except FileNotFoundError:
        return None
    fcntl.flock(opened, fcntl.LOCK_SH)
    if os.fstat(opened.fileno()).st_nlink:
        return opened
    opened.close()  # it was removed just before
    return None


def _remove(file: Path) -> bool:
    """Remove it unless somebody holds it; whether it is gone."""
    try:
        with file.open("r+b") as opened:  # NFS wants it writable for this lock
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(opened.fileno()).st_nlink:
                file.unlink(missing_ok=True)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)

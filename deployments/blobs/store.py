"""Files by content: stored once under their SHA-256, in a folder, Azure Blob or S3 through one interface."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore

from configs.errors import DamagedFile, FileStoreUnavailable, NotFound
from deployments.blobs.blob_url import open_folder, open_url
from deployments.blobs.faults import lacks_container, name_fault, no_answer, no_folder
from deployments.blobs.outage import Availability

_IDLE_SECONDS = 10.0  # between looks at a store that works
_AWAY_SECONDS = 1.0  # … and at one that does not
_LOOK_SECONDS = 10.0  # that a look takes at most
_PROBE_BYTES = 64
_DIGEST = hashlib.sha256().digest_size
_READS = 3  # of a file whose bytes come wrong
_PARTS = 4  # of a file that is stored, at a time
_PART = 8 * 2**20  # bytes of one: S3 takes no part below 5 MiB but the last, and no more than 10,000
_PIECE = 4 * 2**20  # of a file that is fetched, at least

_log = logging.getLogger("atelier.files")


class BlobStore:
    """Immutable blobs. Writing the same bytes twice keeps one copy. `availability` is what is known of the store;
    `hear_damage` is called for each damaged file that somebody asked for, from any thread.

    Every method raises `FileStoreUnavailable` with the reason while the store cannot be used: full, not writable, away,
    or refusing.
    """

    def __init__(self, store: ObjectStore, removing: ObjectStore | None = None, folder: Path | None = None) -> None:
        """`removing` is the same store with less patience; `folder` is where a local one keeps its files."""
        self._store, self._removing, self._folder = store, removing or store, folder
        self._probe = f"probe/{uuid4().hex}"
        self.availability = Availability()
        self.hear_damage: Callable[[], None] = lambda: None

    @classmethod
    def open(cls, url: str | None, folder: Path) -> BlobStore:
        """The store at `url` (az://, s3://, file://), or files under `folder`. Raises `ConfigError`."""
        store = open_folder(folder) if url is None else open_url(url)
        if isinstance(store, LocalStore):
            return cls(store, folder=store.prefix)
        assert url is not None
        return cls(store, open_url(url, hasty=True))  # a file is removed while the database holds the lock of its row

    async def put(self, data: bytes, key: str | None = None) -> str:
        """Store `data`; returns its SHA-256 in hex, which is `key` where the caller knows it already."""
        if key is None:
            key = await asyncio.to_thread(key_of, data)
        async with self._noting(len(data)):
            try:
                await obstore.put_async(self._store, path_of(key), data, mode="create")
            except AlreadyExistsError:
                await self._mend(path_of(key), data)
        return key

    async def put_file(self, file: IO[bytes], key: str, anew: bool = False) -> None:
        """Store what `file` holds, whose SHA-256 is `key`, piece by piece: it may be larger than memory. `anew`: over
        what is there, too, which may be damaged."""
        size = await asyncio.to_thread(file.seek, 0, os.SEEK_END)
        async with self._noting(size):
            if anew or not await self._has(path_of(key), size):
                await asyncio.to_thread(file.seek, 0)
                await obstore.put_async(self._store, path_of(key), file, chunk_size=_PART, max_concurrency=_PARTS)

    async def get(self, key: str) -> bytes:
        """The bytes stored under a SHA-256, all of them. Raises `NotFound`, and `DamagedFile` where the store has other
        bytes than were stored."""
        for _ in range(_READS):
            async with self._noting():
                data = await self._read(path_of(key))
            if await asyncio.to_thread(key_of, data) == key:
                return data
        raise self._damaged(key)

    def fetch(self, key: str, into: IO[bytes], expect: Callable[[int], None] = lambda _: None) -> None:
        """Write what is stored under a SHA-256 to the file `into`, piece by piece; blocks. `expect` hears the size
        first, and may raise. Raises as `get` does; what was written then is not the file."""
        for _ in range(_READS):
            into.seek(0)
            into.truncate()
            digest = hashlib.sha256()
            for piece in self._pieces(key, expect):
                digest.update(piece)
                into.write(piece)
            if digest.hexdigest() == key:
                return
        raise self._damaged(key)

    async def size(self, key: str) -> int:
        """Of what is stored under a SHA-256, in bytes. Raises `NotFound`."""
        async with self._noting():
            try:
                return int((await obstore.head_async(self._store, path_of(key)))["size"])
            except FileNotFoundError as error:
                raise _lacking(error) from None

    async def put_derived(self, key: str, name: str, data: bytes) -> None:
        """Store what was made of the file `key`, under a `name` of its own, in place of what has that; its own hash
        comes first. Whoever removes the file names it."""
        whole = hashlib.sha256(data).digest() + data
        async with self._noting(len(whole)):
            await obstore.put_async(self._store, f"{_derived(key)}/{name}", whole)

    async def get_derived(self, key: str, name: str) -> bytes | None:
        """What was made of the file `key` under that name; None where nothing was, or it is not whole."""
        async with self._noting():
            try:
                whole = await self._read(f"{_derived(key)}/{name}")
            except NotFound:
                return None
        digest, data = whole[:_DIGEST], whole[_DIGEST:]
        return data if hashlib.sha256(data).digest() == digest else None

    def remove(self, key: str, derived: Iterable[str] = ()) -> None:
        """Remove what is stored under a SHA-256, if anything is, with what was made of it by these names; blocks."""
        self._check_folder()
        with self._naming():
            for path in (*(f"{_derived(key)}/{name}" for name in derived), path_of(key)):
                try:
                    obstore.delete(self._removing, path)
                except FileNotFoundError as error:
                    if lacks_container(error):
                        raise
            if self._folder is not None:
                with suppress(OSError):  # there is none, or somebody is writing into it
                    (self._folder / _derived(key)).rmdir()

    def remove_unfinished(self, older_than_seconds: float) -> None:
        """Remove what writers that were killed have left half-written under a folder; blocks. obstore writes to NAME#1
        and renames; stores elsewhere show nothing of a write that has no end."""
        if self._folder is None:
            return
        before = time.time() - older_than_seconds
        with self._naming():
            for file in chain(*map(self._folder.glob, ("sha256/*/*#*", "derived/*/*/*#*", "probe/*"))):
                with suppress(FileNotFoundError):  # somebody else was first
                    if file.stat().st_mtime <= before:
                        file.unlink()

    async def check(self) -> bool:
        """Whether a file can be written and read now, as large as the last that could not; notes what it finds."""
        size = _PROBE_BYTES if self.availability.outage is None else max(self.availability.outage.size, _PROBE_BYTES)
        with suppress(FileStoreUnavailable):
            async with self._noting():
                try:
                    # no `wait_for`: in Python 3.11 it loses a cancel that comes as it ends, and a stop waits for ever
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await self._try(size)
                except TimeoutError:
                    raise no_answer() from None
            self.availability.found(size)
        return self.availability.outage is None

    async def watch(self) -> None:
        """Check for ever, so that an outage is known before anybody runs into it, and its end at once."""
        while True:
            if await self.check():
                await self.availability.change(_IDLE_SECONDS)
            await asyncio.sleep(_AWAY_SECONDS)

    async def _read(self, path: str) -> bytes:
        try:
            found = await obstore.get_async(self._store, path)
        except FileNotFoundError as error:
            raise _lacking(error) from None
        return bytes(await found.bytes_async())

    def _pieces(self, key: str, expect: Callable[[int], None]) -> Iterator[bytes]:
        """What is stored, as it arrives; only what the store does is named as its fault."""
        self._check_folder()
        with self._naming():
            try:
                found = obstore.get(self._store, path_of(key))
            except FileNotFoundError as error:
                raise _lacking(error) from None
            pieces = iter(found.stream(min_chunk_size=_PIECE))
        expect(found.meta["size"])
        while True:
            with self._naming():
                piece = next(pieces, None)
            if piece is None:
                return
            yield bytes(piece)

    async def _has(self, path: str, size: int) -> bool:
        try:
            return bool((await obstore.head_async(self._store, path))["size"] == size)
        except FileNotFoundError as error:
            if lacks_container(error):
                raise
            return False

    async def _mend(self, path: str, data: bytes) -> None:
        """What is there already is left, unless it is not whole: a power cut may have come between name and bytes."""
        there = await obstore.head_async(self._store, path)
        if there["size"] != len(data):
            await obstore.put_async(self._store, path, data)

    async def _try(self, size: int) -> None:
        await obstore.put_async(self._store, self._probe, bytes(size))
        await (await obstore.get_async(self._store, self._probe)).bytes_async()
        with suppress(BaseError, OSError):  # one small file under the same name each time
            await obstore.delete_async(self._store, self._probe)

    @asynccontextmanager
    async def _noting(self, size: int = 0) -> AsyncIterator[None]:
        """Name what goes wrong, and remember that it did; `size` are the bytes to write."""
        try:
            if self._folder is not None:
                await asyncio.to_thread(self._check_folder)
            with self._naming():
                yield
        except FileStoreUnavailable as error:
            self.availability.lost(error, size)
            raise

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise name_fault(error, self._folder is not None) from error

    def _damaged(self, key: str) -> DamagedFile:
        """Told once for each who asks: the log names the file, so that it can be had back from a backup."""
        _log.error(
            "the file %s is damaged: the file store has other bytes than were stored under its name", path_of(key)
        )
        self.hear_damage()
        return DamagedFile("this file is damaged: the file store has other bytes than were stored under its name")

    def _check_folder(self) -> None:
        """obstore would make it anew, under a disk that is away."""
        if self._folder is not None and not self._folder.is_dir():
            raise no_folder()


def key_of(data: bytes) -> str:
    """The SHA-256 under which `data` is stored, in hex."""
    return hashlib.sha256(data).hexdigest()


def _lacking(error: FileNotFoundError) -> Exception:
    """What it means that nothing is found: `error` itself where there is no container that could hold it."""
    return error if lacks_container(error) else NotFound("this file is no longer in the store")


def path_of(key: str) -> str:
    """Its name in the store."""
    return f"sha256/{key[:2]}/{key}"


def _derived(key: str) -> str:
    return f"derived/{key[:2]}/{key}"

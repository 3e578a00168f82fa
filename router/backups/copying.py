"""Files from one store to another, some at a time, each held against its hash on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TypeVar, cast

from configs.errors import DamagedFile, NotFound
from deployments.blobs.store import BlobStore

T = TypeVar("T")
_AT_ONCE = 4
_IN_MEMORY = 16 * 2**20  # bytes of one file


@dataclass
class Progress:
    """How far it is: files and bytes that are done, and how many of the files were there already."""

    total: int
    hear: Callable[[Progress], None]
    files: int = 0
    size_bytes: int = 0
    there: int = 0

    def add(self, size: int, was_there: bool) -> None:
        """One file more."""
        self.files, self.size_bytes, self.there = self.files + 1, self.size_bytes + size, self.there + was_there
        self.hear(self)


async def each(items: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do `work` for all, some at a time. The first error ends it."""
    left = iter(items)

    async def go_through() -> None:
        for item in left:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(go_through())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def copy(key: str, source: BlobStore, target: BlobStore) -> int:
    """Returns the bytes. Raises as `fetch` does for the source, and `FileStoreUnavailable`."""
    with SpooledTemporaryFile(_IN_MEMORY) as spool:
        file = cast("IO[bytes]", spool)
        await asyncio.to_thread(source.fetch, key, file)
        size = file.tell()
        await target.put_file(file, key, anew=True)
        return size


async def read_through(key: str, store: BlobStore) -> int:
    """Read all of a file, whatever its size; returns its bytes. Raises `NotFound` and `DamagedFile`."""
    with SpooledTemporaryFile(_IN_MEMORY) as spool:
        await asyncio.to_thread(store.fetch, key, cast("IO[bytes]", spool))
        return spool.tell()


async def size_of(key: str, store: BlobStore, read: bool) -> int | None:
    """Of a file that is there, by its length alone or `read` to its end; None where it is not, or not whole."""
    with suppress(NotFound, DamagedFile):
        return await read_through(key, store) if read else await store.size(key)
    return None

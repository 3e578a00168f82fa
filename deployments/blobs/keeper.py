"""Files that a row will name: noted before they are written, so that one whose row never comes is swept, and none is
swept while its row is on the way."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import IO

from deployments.blobs.store import BlobStore, key_of

_SMALL = 256 * 1024  # bytes: hashed in a fifth of a millisecond


class FileKeeper:
    """Stores files for whoever commits their rows then."""

    def __init__(self, blobs: BlobStore, expect: Callable[..., Awaitable[None]]) -> None:
        """`expect` notes hashes in the database, where the sweep looks."""
        self.blobs, self._expect = blobs, expect

    async def put(self, files: Sequence[bytes]) -> tuple[str, ...]:
        """Their SHA-256. All are noted anew, however often this is tried: what is stored already must not be swept
        while the others wait. Raises `StoreUnavailable` for the database, `FileStoreUnavailable` for the files."""
        keys = await self._hash(files)
        await self._expect(*keys)
        for key, data in zip(keys, files, strict=True):
            await self.blobs.put(data, key)
        return keys

    async def put_file(self, file: Path) -> str:
        """The same of one large file, which is never in memory as a whole."""
        with file.open("rb") as opened:
            key = await asyncio.to_thread(digest, opened)
        await self._expect(key)
        with file.open("rb") as opened:
            await self.blobs.put_file(opened, key)
        return key

    async def _hash(self, files: Sequence[bytes]) -> tuple[str, ...]:
        """Small files are hashed sooner than a thread is found."""
        if sum(len(data) for data in files) < _SMALL:
            return tuple(key_of(data) for data in files)
        return await asyncio.to_thread(lambda: tuple(key_of(data) for data in files))


def digest(file: IO[bytes]) -> str:
    """The SHA-256, in hex, of what is left to be read of a file."""
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any file does

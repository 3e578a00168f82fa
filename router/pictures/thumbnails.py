"""Thumbnails: pictures as small as a screen shows them, made when somebody first looks and kept beside their file."""

from __future__ import annotations

import asyncio
import io
from contextlib import suppress
from enum import IntEnum

from configs.errors import FileStoreUnavailable
from deployments.blobs.store import BlobStore
from deployments.stages.linear import shrink
from deployments.stages.mark import mark_of, save_marked
from router.pictures.opening import open_stored
from router.pictures.wholeness import is_whole

MEDIA_TYPE = "image/webp"
_QUALITY = 82
_AT_ONCE = 2  # pictures being decoded: each takes up to 200 MB meanwhile


class Side(IntEnum):
    """How wide and high a thumbnail is at most, in pixels. Few, so that each is made once and kept."""

    TILE = 128
    CARD = 256
    LARGE = 512
    VIEW = 1024


class Thumbnails:
    """Thumbnails of stored files, by content: equal files have one. Used from one event loop."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._making: dict[tuple[str, Side], asyncio.Task[bytes]] = {}

    async def get(self, sha256: str, side: Side) -> bytes:
        """A WebP of the picture in the file `sha256`, no larger than that is; whoever asks for the same meanwhile waits
        for it. Raises `NotFound`, `DamagedFile` and `FileStoreUnavailable` of the file."""
        kept = await self._blobs.get_derived(sha256, _name(side))
        if kept is not None and _is_webp(kept):
            return kept
        which = (sha256, side)
        if which not in self._making:
            self._making[which] = making = asyncio.create_task(self._make(sha256, side))
            making.add_done_callback(lambda done: self._forget(which, done))
        return await asyncio.shield(self._making[which])  # who goes away takes it from nobody else

    async def _make(self, sha256: str, side: Side) -> bytes:
        async with self._room:
            small = await asyncio.to_thread(make_thumbnail, await self._blobs.get(sha256), side)
        with suppress(FileStoreUnavailable):  # it is made again the next time
            await self._blobs.put_derived(sha256, _name(side), small)
        return small

    def _forget(self, which: tuple[str, Side], done: asyncio.Task[bytes]) -> None:
        del self._making[which]
        if not done.cancelled():
            done.exception()  # which whoever waits has, if anybody does


def remove_with_thumbnails(blobs: BlobStore, sha256: str) -> None:
    """Remove a file, its thumbnails first; blocks."""
    blobs.remove(sha256, map(_name, Side))


def etag(sha256: str, side: Side) -> str:
    """By which a client knows it again: no file has to be read for that."""
    return f'"{sha256}-{side:d}"'


def make_thumbnail(file: bytes, side: int) -> bytes:
    """A picture in its shape within `side` x `side` pixels, and no larger than it is: resized in light, with its
    transparency, and with the mark of a machine-made picture where it has one. Takes up to seconds of a CPU."""
    image = open_stored(file)
    scale = min(1.0, side / max(image.size))
    size = tuple(max(1, round(length * scale)) for length in image.size)
    written = io.BytesIO()
    save_marked(shrink(image, *size), written, "WEBP", mark_of(file), quality=_QUALITY)
    return written.getvalue()


def _name(side: Side) -> str:
    return f"{side:d}.webp"


def _is_webp(file: bytes) -> bool:
    return file[8:12] == b"WEBP" and is_whole(file, "WebP")

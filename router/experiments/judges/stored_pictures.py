"""Statistics of stored pictures, each looked at once: the same file has the same twenty numbers for ever."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping

import numpy as np

from configs.errors import DamagedFile, NotFound
from deployments.blobs.store import BlobStore
from router.experiments.judges.judge import Pixels
from router.experiments.judges.learned import Numbers
from router.experiments.judges.pixel_statistics import measure_pixels
from router.pictures.opening import WHITE, lay_on, open_stored

_KEPT = 50_000  # pictures: 10 MB
_AT_ONCE = 2


class PictureStatistics:
    """Used from one event loop; pictures are decoded in threads."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._known: OrderedDict[str, Numbers] = OrderedDict()

    async def measure(self, files: Collection[str]) -> Mapping[str, Numbers]:
        """By SHA-256; files that are not there any more, or damaged, are left out. Raises `FileStoreUnavailable`."""
        missing = [file for file in dict.fromkeys(files) if file not in self._known]
        await asyncio.gather(*map(self._look, missing))
        found = {file: self._known[file] for file in files if file in self._known}
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found

    async def _look(self, file: str) -> None:
        async with self._room:
            try:
                data = await self._blobs.get(file)
            except (NotFound, DamagedFile):
                return
            self._known[file] = await asyncio.to_thread(lambda: measure_pixels(pixels_of(data)))


def pixels_of(file: bytes) -> Pixels:
    """As people see it: what is transparent is white."""
    pixels: Pixels = np.asarray(lay_on(open_stored(file), WHITE), np.uint8)
    return pixels

"""Preflights of stored datasets: in the background, off the event loop, and once for each content."""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from dataclasses import dataclass, field

from PIL import Image

from configs.datasets import DatasetConfig, DatasetPicture
from configs.errors import NotFound
from deployments.blobs.store import BlobStore
from router.datasets.preflight.checking import Preflight
from router.datasets.preflight.finding import Report
from router.datasets.preflight.look import Look, look_at
from router.datasets.preflight.samples import Sample

_LOOKS, _REPORTS = 1000, 64  # a look takes 50 kB
_FORMATS = ("PNG", "WEBP", "AVIF", "JPEG")


@dataclass(eq=False)
class Progress:
    """How far a preflight is; `report` once it is done."""

    total: int
    looked_at: int = 0
    report: Report | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Examiner:
    """Looks at each file once, whichever datasets it is in. Used from one event loop; one preflight works at a time."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._looks: OrderedDict[str, Look | None] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], Progress] = OrderedDict()
        self._turn: asyncio.Lock | None = None

    async def examine(
        self, content: str, dataset: DatasetConfig, preflight: Preflight, manner: str, patience: float
    ) -> Progress:
        """The preflight of a dataset with this `content` hash, begun if it is new, as it stands after `patience`
        seconds. `manner` tells preflights apart that count otherwise. Raises what reading files raises."""
        key = (content, manner)
        progress = self._known.get(key)
        if progress is None:
            progress = Progress(len(dataset.pictures))
            progress.task = asyncio.create_task(self._run(dataset, preflight, progress), name=f"preflight {dataset.id}")
            self._known[key] = progress
            while len(self._known) > _REPORTS:
                self._known.popitem(last=False)
        assert progress.task is not None
        done, _ = await asyncio.wait({progress.task}, timeout=patience)
        if done and progress.task.exception() is not None:
            self._known.pop(key, None)  # the next one tries anew
            await progress.task
        return progress

    async def _run(self, dataset: DatasetConfig, preflight: Preflight, progress: Progress) -> None:
        self._turn = self._turn or asyncio.Lock()
        async with self._turn:
            samples = []
            for one in dataset.pictures:
                samples.append(Sample(one, await self._look(one)))
                progress.looked_at += 1
            progress.report = await asyncio.to_thread(preflight.check, dataset, samples)

    async def _look(self, picture: DatasetPicture) -> Look | None:
        key = picture.sha256
        if key in self._looks:
            self._looks.move_to_end(key)
            return self._looks[key]
        try:
            look = await asyncio.to_thread(_open, await self._blobs.get(key))
        except NotFound:
            return None  # it may be brought again: not remembered
        self._looks[key] = look
        while len(self._looks) > _LOOKS:
            self._looks.popitem(last=False)
        return look


def _open(file: bytes) -> Look | None:
    """None for what is no picture."""
    try:
        with Image.open(io.BytesIO(file), formats=_FORMATS) as image:
            return look_at(image.convert("RGBA" if image.has_transparency_data else "RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None

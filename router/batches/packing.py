"""A batch as one zip file, made while it is sent: one picture of it is in memory at a time, and none on a disk."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncGenerator, Iterable
from contextlib import closing
from datetime import datetime

from configs.errors import NotFinished, NotFound
from deployments.blobs.store import BlobStore
from router.batches.manifest import Manifest, recipe_in
from router.batches.model import Batch
from router.batches.naming import Names, file_name, stem_of
from router.batches.store import BatchStore
from router.jobs.model import ImageRecord, Job, JobStatus, StoredFile
from router.licences.uses import Judged

_DEFLATED = ("svg", "pdf")  # what others hold is packed already


def check_finished(batch: Batch, partial: bool) -> None:
    """Raises `NotFinished` for a batch of which something is left to do, unless a part of it will do."""
    if batch.unfinished and not partial:
        ended = batch.jobs - batch.unfinished
        raise NotFinished(
            f"{batch.id} is not finished: {ended:,} of {batch.jobs:,} jobs have ended. Wait for the others, cancel "
            "them, or take what is finished with partial=true"
        )


async def pack(batches: BatchStore, blobs: BlobStore, batch: Batch, judged: Judged) -> AsyncGenerator[bytes, None]:
    """The zip file of all pictures that are finished, in the order of the rows, and what the manifest says of them.

    A picture whose file is gone is left out, and the manifest says so, as it does of those that may not be used for
    what they were `judged` for. Raises `StoreUnavailable`, after which what was sent is no whole zip file.
    """
    sent = _Sent()
    with closing(Manifest(batch)) as manifest, zipfile.ZipFile(sent, "w") as archive:  # type: ignore[call-overload]
        names = Names()
        async for job in batches.all_jobs(batch.id):
            stems = names.stems(job)
            for image in job.images:
                if not judged.allows(image.asset_id):
                    manifest.add_left_out(job, image, judged)
                    continue
                picture = _Packed(job, image, stem_of(stems, image))
                await picture.fetch(blobs)
                await asyncio.to_thread(picture.write, archive, manifest)
                yield sent.take()
            if job.status is not JobStatus.COMPLETE:
                manifest.add_job_without(job)
        for name, pieces in (("manifest.json", manifest.read_json()), ("manifest.csv", manifest.read_csv())):
            for _ in _write(archive, name, batch.created_at, pieces):
                yield sent.take()
    yield sent.take()


class _Packed:
    """A picture on its way into the zip: all of its files, one after the other."""

    def __init__(self, job: Job, image: ImageRecord, stem: str) -> None:
        self._job, self._image = job, image
        self._files = {file_name(stem, file): file for file in image.files}
        self._contents: dict[str, bytes] = {}
        self._lost: dict[str, str] = {}

    async def fetch(self, blobs: BlobStore) -> None:
        for name, file in self._files.items():
            try:
                self._contents[name] = await blobs.get(file.sha256)
            except NotFound as error:
                self._lost[name] = error.message

    def write(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        """Blocks, as long as a picture takes to be packed."""
        recipe = None
        for name, data in self._contents.items():
            recipe = recipe or recipe_in(data)
            archive.writestr(_entry(name, self._at, self._files[name]), data)
        manifest.add_picture(self._job, self._image, self._files, self._lost, recipe)

    @property
    def _at(self) -> datetime:
        return self._job.ended_at or self._job.created_at


class _Sent:
    """What a zip file is written to: it is taken away, piece by piece, and never gone back in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def take(self) -> bytes:
        """All that was written since."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _entry(name: str, at: datetime, file: StoredFile) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED if file.format in _DEFLATED else zipfile.ZIP_STORED
    return entry


def _write(archive: zipfile.ZipFile, name: str, at: datetime, pieces: Iterable[bytes]) -> Iterable[None]:
    """One file, whose size nobody knows before."""
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
            yield

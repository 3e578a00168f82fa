"""Where pictures that users bring are put, and taken from: one file for equal pictures, one row for each upload."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial

from configs.errors import InvalidRequest, TooLarge
from configs.service import Limits
from deployments.blobs.keeper import FileKeeper
from router.ids import new_picture_id
from router.jobs.model import UploadedPicture
from router.jobs.store import JobStore
from router.licences.model import NO_WORD, Word
from router.licences.recognition import Recogniser
from router.notes import Note
from router.people.viewer import Viewer
from router.pictures.intake import take_in
from router.pictures.thumbnails import remove_with_thumbnails

SWEPT_AFTER_SECONDS = 3600.0
"""Far longer than an upload takes from its file to its row."""
_AT_ONCE = 2  # pictures being decoded: each takes up to 200 MB meanwhile


class UploadStore:
    """Takes pictures in. Used from one event loop."""

    def __init__(self, store: JobStore, files: FileKeeper, limits: Limits, recogniser: Recogniser) -> None:
        self._store, self._files, self._limits, self._recogniser = store, files, limits, recogniser
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def put(
        self, viewer: Viewer, file: bytes, word: Word = NO_WORD, until: datetime | None = None
    ) -> tuple[UploadedPicture, tuple[Note, ...]]:
        """Keep a picture for `viewer`, with their `word` on whose it is; also what to know of how its file was taken.
        One that is kept `until` then counts for no limit of what they keep. Raises `InvalidRequest` and `TooLarge`."""
        if len(file) > self._limits.max_picture_bytes:
            raise too_many_bytes(self._limits.max_picture_bytes)
        async with self._room:
            if until is None:
                await self._check_room(viewer.owner)
            upright = await asyncio.to_thread(take_in, file, self._limits.max_picture_pixels)
            id = new_picture_id()
            known = await self._recogniser.recognise(id, word, file, upright.png)
        (key,) = await self._files.put([upright.png])  # file first, row second: no row without its file
        picture = UploadedPicture(
            id=id,
            owner=viewer.owner,
            space=viewer.space,
            sha256=key,
            width=upright.width,
            height=upright.height,
            size_bytes=len(upright.png),
            colours=upright.colours,
            right=word.right,
            source=word.source,
            licence=known.licence,
            kept_until=until,
        )
        await self._store.add_picture(picture)
        return picture, upright.notes + known.notes

    async def sweep(self, older_than_seconds: float = SWEPT_AFTER_SECONDS) -> None:
        """Remove the files of pictures that were deleted that long ago, and that nothing else names; their thumbnails
        go with them. Raises `StoreUnavailable`."""
        while await self._store.sweep(older_than_seconds, partial(remove_with_thumbnails, self._files.blobs)):
            pass

    async def _check_room(self, owner: str) -> None:
        most = self._limits.max_uploaded_pictures
        if await self._store.count_pictures(owner) >= most:
            raise InvalidRequest(
                f"you keep {most} uploaded pictures, which is all that this studio allows: delete some that you no "
                "longer need (GET /pictures lists them, DELETE /pictures/{picture_id}) and send it again",
                "file",
            )


def too_many_bytes(most: int) -> TooLarge:
    """Of a file that is larger than `most` bytes."""
    return TooLarge(f"the file is larger than {most / 2**20:g} MiB: make the picture smaller and send it again", "file")

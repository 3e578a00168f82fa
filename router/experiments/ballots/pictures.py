"""A ballot's pictures as its rater gets them: drawn anew from their pixels, so that nothing but what can be seen says
where they come from. All of a ballot are of the same size, format and number of bytes."""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict

from PIL import Image, ImageFilter

from configs.errors import Expired, NotFound
from deployments.blobs.store import BlobStore
from router.experiments.ballots.model import Ballot, Shown, Spoiling
from router.pictures.opening import open_stored

MEDIA_TYPE = "image/webp"
_QUALITY = 92
_KEPT = 8  # ballots
_AT_ONCE = 2  # ballots being drawn: each takes a second of a processor for large pictures


class BallotPictures:
    """Draws those of ballots. Used from one event loop. The last ones are kept: one picture after another is asked for,
    and each is shown only once all are drawn."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._drawn: OrderedDict[str, asyncio.Task[tuple[bytes, ...]]] = OrderedDict()

    async def of(self, ballot: Ballot) -> tuple[bytes, ...]:
        """The files, from left to right: all, or none. Raises `Expired` where one is not there any more, and
        `StoreUnavailable`."""
        task = self._drawn.get(ballot.id)
        if task is None or (task.done() and task.exception() is not None):
            task = self._drawn[ballot.id] = asyncio.create_task(self._draw_all(ballot))
            if len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        return await asyncio.shield(task)

    async def _draw_all(self, ballot: Ballot) -> tuple[bytes, ...]:
        async with self._room:
            try:
                files = [await self._blobs.get(picture.sha256) for picture in ballot.shown.pictures]
            except NotFound:  # its words name the file
                raise Expired("the pictures of this ballot are not there any more: skip it") from None
            return await asyncio.to_thread(_draw, files, ballot.shown, ballot.gold)


def _draw(files: list[bytes], shown: Shown, gold: int | None) -> tuple[bytes, ...]:
    images = [open_stored(file) for file in files]
    if any(image.mode == "RGBA" for image in images):
        images = [image.convert("RGBA") for image in images]
    if gold is not None and shown.spoil is not None:
        images = [image if place == gold else spoil(image, shown.spoil) for place, image in enumerate(images)]
    return encode_alike(images)


def encode_alike(images: list[Image.Image]) -> tuple[bytes, ...]:
    """Files of one format and one number of bytes, with nothing in them but pixels."""
    written = [_encode(image) for image in images]
    size = max(map(padded_size, written))
    return tuple(pad(file, image.size, size) for file, image in zip(written, images, strict=True))


def spoil(image: Image.Image, how: Spoiling) -> Image.Image:
    """Plainly worse, and the same otherwise."""
    if how == "blur":
        return image.filter(ImageFilter.GaussianBlur(max(2.0, min(image.size) / 48)))
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=4)
    with Image.open(file, formats=("JPEG",)) as coarse:
        worse = coarse.convert("RGB")
    if image.mode == "RGBA":
        worse.putalpha(image.getchannel("A"))
    return worse


def _encode(image: Image.Image) -> bytes:
    plain = Image.new(image.mode, image.size)
    plain.paste(image)
    file = io.BytesIO()
    plain.save(file, "WEBP", quality=_QUALITY, method=2)
    return file.getvalue()


def padded_size(file: bytes) -> int:
    """How long a WebP file is at least with room for padding: its own chunks, one of the extended format, one of
    zeros."""
    return len(file) + (0 if file[12:16] == b"VP8X" else 18) + 8


def pad(file: bytes, size: tuple[int, int], length: int) -> bytes:
    """The same picture in a file of `length` bytes: a chunk of zeros, of a kind that readers pass over, is its last.
    How many bytes a picture takes tells how much detail is in it, and so which arm drew it."""
    chunks = file[12:]
    if chunks[:4] != b"VP8X":  # only the extended format may have further chunks
        canvas = b"".join((side - 1).to_bytes(3, "little") for side in size)
        chunks = b"VP8X" + (10).to_bytes(4, "little") + bytes(4) + canvas + chunks
    zeros = length - 12 - len(chunks) - 8
    chunks += b"ROOM" + zeros.to_bytes(4, "little") + bytes(zeros)
    return b"RIFF" + (4 + len(chunks)).to_bytes(4, "little") + b"WEBP" + chunks

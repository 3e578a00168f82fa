"""The replica that writes files, those of finished pictures and those that pictures are kept in between two stages; and
does to a picture, on the way there, what needs neither torch nor a process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from PIL import Image

from configs.errors import AtelierError, NotFound, StageError, StoreUnavailable
from deployments.blobs.outage import attempts
from deployments.exchange import Exchange, Received
from deployments.messages import Done, FinishedFile, Passed, Picture, Waiting
from deployments.provenance.claim import parent_of
from deployments.provenance.signing import Signing
from deployments.stages.checker import CheckRequest, check
from deployments.stages.dominant import find_dominant
from deployments.stages.encode import Encoded, FinishRequest, encode
from deployments.stages.grid import MEDIA_TYPES, GridRequest, draw_grid
from deployments.stages.likeness import measure_likeness
from deployments.stages.pixels import KeepRequest, RestoreRequest, read_output, write_output

log = logging.getLogger(__name__)


class Retouch(Protocol):
    """A message that says itself what becomes of a picture: short work of numpy."""

    def apply(self, picture: Picture) -> Done:
        """The picture as it is then; `Done.picture` holds its pixels. Raises StageError."""
        ...


class Finisher:
    """Writes files on threads of its own, since encoders release the interpreter while they work, and stores them: what
    leaves is hashes and sizes."""

    def __init__(self, exchange: Exchange, threads: int = 2, signing: Signing | None = None) -> None:
        """`exchange` gets the pictures that requests refer to, and opens the file store; `signing` says how files are
        signed, if they are. Raises `ConfigError`."""
        self._signatory = None if signing is None else signing.open()
        self._received, self._put = Received(exchange.get), exchange.put
        self._files = exchange.open_files()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="finisher")

    async def finish(self, picture: Picture, request: FinishRequest) -> AsyncIterator[Waiting | Done]:
        """The picture in each format asked for, as `encode` writes it, stored. While a store that this needs is away,
        the files wait here: a `Waiting` says why, once for each reason. Raises StageError."""
        composite, like = await self._received.open(request.composite), await self._received.picture(request.like)
        whole = replace(request, composite=composite, like=like)
        encoded = await asyncio.get_running_loop().run_in_executor(
            self._threads, encode, picture, whole, self._signatory, await self._parent(request)
        )
        scores = {} if like is None else {"likeness": await asyncio.to_thread(measure_likeness, picture, like)}
        colours = await asyncio.to_thread(_colours_of, picture)
        waits_for = ""
        async with aclosing(
            attempts(lambda: self._store(encoded, scores, colours), self._files.blobs.availability)
        ) as tried:
            async for came in tried:
                if not isinstance(came, StoreUnavailable):
                    yield came
                elif came.message != waits_for:
                    waits_for = came.message
                    yield Waiting(waits_for)

    async def retouch(self, picture: Picture, request: Retouch) -> Done:
        """The picture as the request changes it. Raises StageError."""
        done = await asyncio.get_running_loop().run_in_executor(self._threads, _apply, request, picture)
        return replace(done, picture=await asyncio.to_thread(self._put, done.picture))

    async def keep(self, picture: Passed, request: KeepRequest) -> Done:
        """Store a picture as it is. Raises `StoreUnavailable`: what is kept so is not worth waiting."""
        file = await asyncio.to_thread(write_output, picture, request.place)
        (key,) = await self._files.put([file])
        return Done(0.0, kept=key)

    async def restore(self, request: RestoreRequest) -> Done:
        """A picture that was kept. Raises `StoreUnavailable`, and `NotFound` where it is there no more."""
        file = await self._files.blobs.get(request.sha256)
        return Done(0.0, picture=await asyncio.to_thread(lambda: self._put(read_output(file))))

    async def check(self, picture: Picture, request: CheckRequest) -> Done:
        """The picture's scores, those that need no scorer."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, check, picture, request)

    async def grid(self, request: GridRequest) -> Done:
        """Pictures of the file store on one sheet, stored, to be swept in a while. Raises `StoreUnavailable`,
        `NotFound` and `StageError`."""
        files = [await self._files.blobs.get(cell.sha256) for cell in request.cells]
        sheet, seconds = await asyncio.get_running_loop().run_in_executor(self._threads, draw_grid, request, files)
        (key,) = await self._files.put([sheet])
        file = FinishedFile(request.format, MEDIA_TYPES[request.format], key, len(sheet))
        return Done(seconds, files=(file,))

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Let the files being written be finished, and begin no others."""
        self._threads.shutdown(cancel_futures=True)

    async def _parent(self, request: FinishRequest) -> bytes | None:
        """The file of the picture that this one is a change of, for what it says of itself; nothing waits for it."""
        signs = self._signatory is not None and request.credentials
        parent = parent_of(request.recipe) if signs else None
        if parent is None:
            return None
        try:
            return await self._files.blobs.get(parent.sha256)
        except (NotFound, StoreUnavailable):
            return None

    async def _store(self, encoded: Encoded, scores: dict[str, float], colours: tuple[str, ...]) -> Done:
        keys = await self._files.put([file.data for file in encoded.files])
        if self._files.blobs.availability.outage is not None:
            await self._files.blobs.check()  # nobody else here would find that it is back
        files = tuple(
            FinishedFile(file.format, file.media_type, key, len(file.data), file.size)
            for file, key in zip(encoded.files, keys, strict=True)
        )
        measured = encoded.scores | scores
        return Done(encoded.seconds, files=files, notes=encoded.notes, scores=measured, colours=colours)


def _colours_of(picture: Picture) -> tuple[str, ...]:
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    if picture.alpha:
        image.putalpha(Image.frombytes("L", image.size, picture.alpha))
    return find_dominant(image)


def _apply(request: Retouch, picture: Picture) -> Done:
    try:
        return request.apply(picture)
    except AtelierError:
        raise
    except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
        log.exception("a picture could not be retouched")
        raise StageError(f"the picture could not be retouched ({type(error).__name__})") from None

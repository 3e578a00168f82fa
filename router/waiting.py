"""A job's patience: what needs the database or the file store outlasts their absence, and says what it waits for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from configs.errors import FileStoreUnavailable, StoreUnavailable
from deployments.blobs.outage import outlast
from router.jobs.model import EventType, Lease
from router.jobs.payloads import StageEntered
from router.live import LiveEvent
from router.studio import Studio

T = TypeVar("T")


class Patience:
    """Of one job under its lease. Its pictures wait each for itself; the log has one line for all, and one when they
    go on."""

    def __init__(self, studio: Studio, lease: Lease, progress: Callable[[int, str], dict[str, object]]) -> None:
        """`progress` is what a progress event says of a picture in a stage."""
        self._studio, self._lease, self._progress = studio, lease, progress
        self._waiting: dict[int, str] = {}

    async def outlast(self, index: int, stage: str, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns, which picture `index` needs in `stage`: tried until the stores that it needs are there.
        Raises what `work` raises otherwise."""

        async def held_up(error: StoreUnavailable) -> None:
            await self.hold(index, error.message)

        result = await outlast(work, self._studio.blobs.availability, held_up)
        await self.go_on(index, stage)
        return result

    async def files(self) -> None:
        """Nothing where files can be stored. Raises `FileStoreUnavailable`: what is drawn then has nowhere to go."""
        outage = self._studio.blobs.availability.outage
        if outage is not None:
            raise FileStoreUnavailable(outage.reason)

    async def hold(self, index: int, reason: str) -> None:
        """Picture `index` waits, for a `reason` that is a sentence."""
        if self._waiting.get(index) == reason:
            return
        first = not self._waiting
        self._waiting[index] = reason
        told = {"detail": f"waiting: {reason}"}
        self._tell(index, "waiting", told)
        if first:
            await self._note(StageEntered(stage="waiting", detail=told["detail"]))

    async def go_on(self, index: int, stage: str) -> None:
        """Picture `index` waits for nothing, and is in `stage`."""
        if self._waiting.pop(index, None) is None:
            return
        self._tell(index, stage, {})
        if not self._waiting:
            await self._note(StageEntered(stage=stage))

    def _tell(self, index: int, stage: str, told: dict[str, str]) -> None:
        self._studio.live.tell(self._lease.job.id, LiveEvent("progress", self._progress(index, stage) | told))

    async def _note(self, payload: StageEntered) -> None:
        with suppress(StoreUnavailable):  # a line that is worth no waiting of its own
            stored = await self._studio.store.append(self._lease, EventType.STAGE, payload.told())
            self._studio.live.tell(self._lease.job.id, stored)

"""Whether a store can be used, as far as anybody knows, and how work outlasts the time when it cannot."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TypeVar

from configs.errors import StoreUnavailable
from deployments.blobs.faults import cause_of

T = TypeVar("T")

_log = logging.getLogger("atelier.files")
LARGEST_SIZE = 64 * 2**20
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0  # seconds between attempts


@dataclass(frozen=True, slots=True)
class Outage:
    """`reason` is a sentence for people; `since` is monotonic; `size` are the bytes of the largest file that could not
    be written, up to `LARGEST_SIZE`."""

    reason: str
    since: float
    size: int = 0


class Availability:
    """What the last uses of a store tell of it. Used from one event loop. Every change is logged once."""

    def __init__(self, name: str = "the file store") -> None:
        self._name = name
        self.outage: Outage | None = None
        self._there, self._away = asyncio.Event(), asyncio.Event()
        self._there.set()

    def lost(self, error: StoreUnavailable, size: int = 0) -> None:
        """The store could not be used, to write `size` bytes or for anything else."""
        before = self.outage
        if before is None or before.reason != error.message:
            _log.warning("%s [%s]", error.message, cause_of(error))
        since = time.monotonic() if before is None else before.since
        self.outage = Outage(error.message, since, max(min(size, LARGEST_SIZE), 0 if before is None else before.size))
        self._there.clear()
        self._away.set()

    def found(self, size: int) -> None:
        """`size` bytes could be written and read."""
        if self.outage is not None and size < self.outage.size:
            return
        if self.outage is not None:
            _log.warning("%s is back after %.0f s", self._name, time.monotonic() - self.outage.since)
        self.outage = None
        self._away.clear()
        self._there.set()

    async def change(self, seconds: float) -> None:
        """Until a store that was away can be used, or one that could be cannot, but no longer than this."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # no `wait_for`, which loses a cancel in Python 3.11
                await (self._away if self.outage is None else self._there).wait()


async def outlast(
    work: Callable[[], Awaitable[T]], store: Availability, held_up: Callable[[StoreUnavailable], Awaitable[None]]
) -> T:
    """What `work` returns, by `attempts`; `held_up` hears of each that failed."""
    async with aclosing(attempts(work, store)) as tried:
        async for came in tried:
            if not isinstance(came, StoreUnavailable):
                return came
            await held_up(came)
    raise AssertionError("attempts end with one that succeeds")


async def attempts(work: Callable[[], Awaitable[T]], store: Availability) -> AsyncGenerator[T | StoreUnavailable, None]:
    """What `work` returns, last: it is tried again for as long as a store that it needs, of files or another, is away,
    and before that come the errors. What `work` holds on to is kept in memory meanwhile."""
    pause = _SHORTEST_PAUSE
    while True:
        try:
            result = await work()
        except StoreUnavailable as error:
            yield error
        else:
            yield result
            return
        await asyncio.sleep(_SHORTEST_PAUSE)  # the database may be away, of which `store` knows nothing
        if store.outage is not None:
            await store.change(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)

"""A worker leaves by itself when nobody has needed it for a while: where it runs, that ends what is paid for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

from configs.catalog import Installation
from configs.errors import StoreUnavailable
from router.files import connect_jobs
from router.operations.wake import Wake

_LOOK_SECONDS = 1.0


class KeepAlive:
    """How long nothing has been queued or processing, by anybody: the next of those jobs is this worker's, too."""

    def __init__(
        self,
        unfinished: Callable[[], Awaitable[int]],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unfinished, self._seconds, self._clock = unfinished, seconds, clock
        self._needed_at = clock()

    async def is_over(self) -> bool:
        """Look now. A database that does not answer may hold jobs."""
        try:
            needed = await self._unfinished() > 0
        except StoreUnavailable:
            needed = True
        if needed:
            self._needed_at = self._clock()
        return not needed and self._clock() - self._needed_at >= self._seconds


def watch_idleness(installation: Installation, leave: Callable[[], None]) -> None:
    """Call `leave` once it is over, from a thread that lives beside whatever this process does."""
    threading.Thread(target=lambda: asyncio.run(_watch(installation, leave)), name="keep-alive", daemon=True).start()


async def _watch(installation: Installation, leave: Callable[[], None]) -> None:
    store = connect_jobs(installation)
    keep_alive = KeepAlive(Wake(store.database).unfinished, installation.profile.worker.keep_alive_seconds)
    while not await keep_alive.is_over():
        await asyncio.sleep(_LOOK_SECONDS)
    await store.close()
    leave()

"""The conductor of another process, as a front door knows it: what its jobs tell is followed, wakes and cancels are
passed on. Nothing depends on it: jobs are accepted by the database, which the conductor looks at from time to time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing, suppress
from typing import Any, Protocol

from configs.errors import StageError, StoreUnavailable
from router.live import Bulletin, LiveEvent, Telling
from router.studio import Studio

_AGAIN_SECONDS = 1.0  # after which a conductor that was lost is looked for
_SILENCE_SECONDS = 10.0  # after which one is lost that says nothing: it has something to say every second
_RECALL_SECONDS = 10.0


class ConductorPort(Protocol):
    """What a front door asks of whoever conducts. `start` and `stop` belong to one event loop."""

    @property
    def ready(self) -> bool:
        """Whether every deployment that is kept running has answered."""
        ...

    @property
    def found(self) -> bool:
        """Whether there is one: without, jobs are accepted and wait."""
        ...

    def start(self) -> None: ...

    async def stop(self) -> None: ...

    def wake(self) -> None:
        """There is a new job."""

    def cancel(self, job_id: str) -> None:
        """The cancel flag of a job was set."""


class ConductorLink(Protocol):
    """How a conductor elsewhere is reached. Every method raises `StageError` where none answers."""

    async def wake(self) -> None: ...

    async def cancel(self, job_id: str) -> None: ...

    def follow(self) -> AsyncGenerator[Bulletin, None]:
        """What one conductor tells, of several any."""
        ...


class RemoteConductor:
    """A `ConductorPort` over a link, for a front door that runs no job itself."""

    def __init__(self, studio: Studio, link: ConductorLink, conductors: int = 1) -> None:
        """`conductors` is how many there are."""
        self._studio, self._link, self._conductors = studio, link, conductors
        self._ready: dict[str, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> bool:
        """Whether a conductor that is followed says so."""
        return any(self._ready.values())

    @property
    def found(self) -> bool:
        """Whether one is followed."""
        return bool(self._ready)

    def start(self) -> None:
        for _ in range(self._conductors):
            self._spawn(self._follow_forever())
        self._spawn(self._recall_rates_forever())
        self._spawn(self._studio.blobs.watch())
        self._spawn(self._studio.store.watch())

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        self._spawn(_best_effort(self._link.wake()))

    def cancel(self, job_id: str) -> None:
        self._spawn(_best_effort(self._link.cancel(job_id)))

    async def _follow_forever(self) -> None:
        while True:
            with suppress(StageError, TimeoutError):
                await self._follow()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _follow(self) -> None:
        """Tell on what one conductor tells, until it is lost or proves to be one that is followed already."""
        worker, jobs = "", set[str]()
        try:
            async with aclosing(self._link.follow()) as bulletins:
                while (bulletin := await asyncio.wait_for(anext(bulletins, None), _SILENCE_SECONDS)) is not None:
                    if not worker and bulletin.worker in self._ready:
                        return
                    worker = bulletin.worker
                    self._ready[worker] = bulletin.ready
                    for telling in bulletin.tellings:
                        self._tell(telling, jobs)
        finally:
            self._ready.pop(worker, None)
            for job_id in jobs:
                self._studio.live.forget(job_id)

    def _tell(self, telling: Telling, jobs: set[str]) -> None:
        job_id, news = telling
        if news is None:
            jobs.discard(job_id)
            self._studio.live.forget(job_id)
        elif isinstance(news, LiveEvent):
            if news.type is not None:  # of which something is kept
                jobs.add(job_id)
            self._studio.live.tell(job_id, LiveEvent(news.type, news.data))  # as of now, by the clock of this process
        else:
            self._studio.live.tell(job_id, news)

    async def _recall_rates_forever(self) -> None:
        """What conductors have measured is what plans are estimated by."""
        while True:
            with suppress(StoreUnavailable):
                self._studio.rates.recall(await self._studio.store.rates())
            await asyncio.sleep(_RECALL_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _best_effort(message: Coroutine[Any, Any, None]) -> None:
    """Who misses it looks at the database within a second: it need not wait for a conductor that is not there."""
    with suppress(StageError, TimeoutError):
        await asyncio.wait_for(message, _SILENCE_SECONDS)

"""The conductor of another process, as a front door knows it: what its jobs tell is followed, wakes and cancels are
passed on. Nothing depends on it: jobs are accepted by the database, which the conductor looks at from time to time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from configs.errors import StageError, StoreUnavailable
from router.live import CHANGED, Bulletin, LiveEvent, Telling
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


@dataclass
class _Followed:
    """A conductor that is followed, and the jobs of which it has told something that is kept."""

    worker: str = ""
    jobs: set[str] = field(default_factory=set)


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
        self._spawn(recall_rates_forever(self._studio))
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
        """Tell on what one conductor tells, stream after stream, until it is lost or another answers."""
        followed = _Followed()
        try:
            while await self._hear(followed):
                pass
        finally:
            self._ready.pop(followed.worker, None)
            self._forget(followed.jobs)

    async def _hear(self, followed: _Followed) -> bool:
        """One stream to its end. False for one that says nothing, or is not of the conductor that is meant."""
        async with aclosing(self._link.follow()) as bulletins:
            bulletin = await _next(bulletins)
            if bulletin is None or not self._begin(followed, bulletin):
                return False
            while bulletin is not None:
                self._ready[followed.worker] = bulletin.ready
                for telling in bulletin.tellings:
                    self._tell(telling, followed.jobs)
                bulletin = await _next(bulletins)
        return True

    def _begin(self, followed: _Followed, first: Bulletin) -> bool:
        """A stream begins with all that its conductor has told of jobs under way. False where that is another than
        before, or one that is followed already."""
        if first.worker != followed.worker and (followed.worker or first.worker in self._ready):
            return False
        followed.worker = first.worker
        for job_id in followed.jobs:
            self._studio.live.tell(job_id, CHANGED)  # between two streams its log may have grown
        ended = followed.jobs - {job_id for job_id, _ in first.tellings}
        self._forget(ended)
        followed.jobs -= ended
        return True

    def _forget(self, jobs: set[str]) -> None:
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
            if self._studio.live.knows(job_id, news):  # a stream begins with what the one before has told
                return
            self._studio.live.tell(job_id, LiveEvent(news.type, news.data))  # as of now, by the clock of this process
        else:
            self._studio.live.tell(job_id, news)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def recall_rates_forever(studio: Studio) -> None:
    """What conductors have measured is what plans are estimated by."""
    while True:
        with suppress(StoreUnavailable):
            studio.rates.recall(await studio.store.rates())
        await asyncio.sleep(_RECALL_SECONDS)


async def _next(bulletins: AsyncGenerator[Bulletin, None]) -> Bulletin | None:
    async with asyncio.timeout(_SILENCE_SECONDS):  # no `wait_for`, which loses a cancel in Python 3.11
        return await anext(bulletins, None)


async def _best_effort(message: Coroutine[Any, Any, None]) -> None:
    """Who misses it looks at the database within a second: it need not wait for a conductor that is not there."""
    with suppress(StageError, TimeoutError):
        async with asyncio.timeout(_SILENCE_SECONDS):
            await message

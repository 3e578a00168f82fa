"""The streams of this process: what wakes each of them, and what it is told live.

An idle stream costs nothing: one look a second at the counters of all owners who have a stream here finds what other
processes have written, and what jobs tell in this one wakes their owner's streams at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from configs.errors import StoreUnavailable
from router.jobs.model import JobEvent
from router.live import Live, LiveEvent, News
from router.streams.store import StreamStore

MOST_STREAMS = 5  # of a person: one more ends the oldest
_LOOK_SECONDS = 1.0
_LOT_SECONDS = 0.25  # between what is told live: of each picture only the newest
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether the log may have grown, and what was told live since the last time."""

    grown: bool
    live: tuple[LiveEvent, ...]


@dataclass(eq=False, slots=True)
class Stream:
    """One of a person's. It begins with a look at the log."""

    owner: str
    replaced: bool = False
    _grown: bool = True
    _live: dict[tuple[str, str | None, int], LiveEvent] = field(default_factory=dict)
    _told_at: float = float("-inf")
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, job_id: str, news: News) -> None:
        """What a job tells. A line of its log makes old what was told live before it."""
        if isinstance(news, LiveEvent) and news.type is not None:
            self._live[job_id, news.type, news.data["index"]] = news
        else:
            self._live = {key: event for key, event in self._live.items() if key[0] != job_id}
            self._grown = True
        self._woken.set()

    def look(self) -> None:
        """The log may have grown."""
        self._grown = True
        self._woken.set()

    def replace(self) -> None:
        """Another one takes its place."""
        self.replaced = True
        self._woken.set()

    async def next(self, seconds: float) -> Heard:
        """What there is to tell as soon as there is something, or nothing after so many seconds."""
        end = time.monotonic() + seconds
        while not (self._grown or self.replaced or self._is_due()):
            pause = end - time.monotonic()
            if pause <= 0:
                break
            if self._live:
                pause = min(pause, self._told_at + _LOT_SECONDS - time.monotonic())
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()
        grown, self._grown = self._grown, False
        return Heard(grown, self._take() if self._is_due() else ())

    def _is_due(self) -> bool:
        return bool(self._live) and time.monotonic() >= self._told_at + _LOT_SECONDS

    def _take(self) -> tuple[LiveEvent, ...]:
        taken = tuple(self._live.values())
        self._live.clear()
        self._told_at = time.monotonic()
        return taken


class Streams:
    """All that are open in this process. `follow` runs for as long as it serves."""

    def __init__(self, store: StreamStore, live: Live) -> None:
        self.store = store
        self._live = live
        self._open: dict[str, list[Stream]] = {}
        self._last: dict[str, int] = {}
        self._owners: dict[str, str | None] = {}

    @contextmanager
    def open(self, owner: str) -> Iterator[Stream]:
        """One more for `owner`, for as long as the context is open. Used from inside what streams: a generator that is
        never begun never ends, and would keep its place for good."""
        stream, others = Stream(owner), self._open.setdefault(owner, [])
        while len(others) >= MOST_STREAMS:
            others.pop(0).replace()
        others.append(stream)
        try:
            yield stream
        finally:
            if stream in others:
                others.remove(stream)
            if not others:
                self._open.pop(owner, None)
                self._last.pop(owner, None)

    def look(self, owner: str) -> None:
        """Something of theirs was written just now."""
        for stream in self._open.get(owner, ()):
            stream.look()

    async def catch_up(self, stream: Stream) -> None:
        """Tell a new stream what was told last of each picture in work. Raises `StoreUnavailable`."""
        for job_id, event in self._live.latest():
            if await self._owner(job_id) == stream.owner:
                stream.hear(job_id, event)

    async def follow(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look_forever())
            tasks.create_task(self._listen())

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._open:
                with suppress(StoreUnavailable):
                    self._compare(await self.store.last(self._open.keys()))

    def _compare(self, last: dict[str, int]) -> None:
        for owner, number in last.items():
            if self._last.get(owner) != number and owner in self._open:
                self._last[owner] = number
                self.look(owner)

    async def _listen(self) -> None:
        with self._live.tap() as tap:
            while True:
                job_id, news = await tap.get()
                if news is None:
                    self._owners.pop(job_id, None)
                elif self._open:
                    with suppress(StoreUnavailable):
                        await self._pass_on(job_id, news)

    async def _pass_on(self, job_id: str, news: JobEvent | LiveEvent) -> None:
        begins = job_id not in self._owners  # which its log says, too
        owner = await self._owner(job_id)
        for stream in self._open.get(owner, ()) if owner is not None else ():
            if begins:
                stream.look()
            stream.hear(job_id, news)

    async def _owner(self, job_id: str) -> str | None:
        if job_id not in self._owners:
            if len(self._owners) >= _MOST_KNOWN:
                self._owners.clear()
            self._owners[job_id] = await self.store.whose(job_id)
        return self._owners[job_id]

"""Which of several models are loaded: each on first use, none longer than it is worth, none gone while it is in use."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from configs.errors import ConfigError

M = TypeVar("M")
Footprint = Callable[[Collection[str]], float]
"""Bytes of memory that the models of these names take together, what they share counted once. Called on a thread."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long a model stays after its last use, how many bytes all may take together (None: any number), and how
    long a model that needs room lets the others go on taking new requests."""

    keep_alive_seconds: float
    memory: float | None = None
    patience_seconds: float = 5.0


@dataclass(slots=True)
class _Place(Generic[M]):
    """A model's place. `users` are those who use it or wait for it."""

    model: M | None = None
    users: int = 0
    used_at: float = 0.0
    loading: asyncio.Task[None] | None = None
    expiry: asyncio.TimerHandle | None = None
    leaving: asyncio.Task[None] | None = None


class ModelCache(Generic[M]):
    """Models by name. Used from one event loop; loading and closing run on threads, one at a time."""

    def __init__(
        self,
        load: Mapping[str, Callable[[], M]],
        close: Callable[[M], None],
        footprint: Footprint,
        terms: CachePolicy,
        settle: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`settle` is called after a model has gone and nothing here holds it any more, on a thread."""
        self._load, self._close, self._settle = load, close, settle
        self._footprint, self._terms, self._clock = footprint, terms, clock
        self._places: dict[str, _Place[M]] = {name: _Place() for name in load}
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._wanted_since: float | None = None
        """Since when a model has been waiting for the room of others that are in use."""

    def loaded(self) -> dict[str, M]:
        """Those that are loaded now, last used first."""
        here = {name: place for name, place in self._places.items() if place.model is not None}
        order = sorted(here, key=lambda name: (here[name].users > 0, here[name].used_at), reverse=True)
        return {name: model for name in order if (model := here[name].model) is not None}

    @asynccontextmanager
    async def use(self, name: str) -> AsyncIterator[M]:
        """The model, loaded if it is not, and kept while the context is open. Raises what loading raises."""
        place = self._places[name]
        place.users += 1
        try:
            yield await self._get(name, place)
        finally:
            place.users -= 1
            place.used_at = self._clock()
            self._wake()
            if not place.users and place.model is not None:
                self._expire_later(name, place)

    async def close(self) -> None:
        """Unload all, also those in use."""
        async with self._turn:
            for place in self._places.values():
                await self._unload(place)

    async def _get(self, name: str, place: _Place[M]) -> M:
        await self._give_way(place)
        while place.model is None:
            if place.loading is None or place.loading.done():
                place.loading = asyncio.create_task(self._bring(name, place), name=f"load {name}")
                place.loading.add_done_callback(_look_at)
            # Whoever waits may leave; a load that has begun is finished, or nobody would own what it made.
            await asyncio.shield(place.loading)
        _keep(place)
        return place.model

    async def _give_way(self, place: _Place[M]) -> None:
        """A loaded model takes nobody new while another has waited for its room for too long."""
        place.users -= 1
        try:
            while place.model is not None and self._is_impatient():
                await self._news()
        finally:
            place.users += 1

    def _is_impatient(self) -> bool:
        since = self._wanted_since
        return since is not None and self._clock() - since > self._terms.patience_seconds

    async def _bring(self, name: str, place: _Place[M]) -> None:
        """Load it, once there is room, unless nobody wants it any more by then."""
        async with self._turn:
            if place.model is None and await self._make_room(name, place):
                place.model = await asyncio.to_thread(self._load[name])
                place.used_at = self._clock()
                if not place.users:
                    self._expire_later(name, place)

    async def _make_room(self, name: str, place: _Place[M]) -> bool:
        """Unload who was used longest ago until `name` fits; wait for those in use. False when nobody waits for it."""
        room = self._terms.memory
        if room is None:
            return place.users > 0
        need = await asyncio.to_thread(self._footprint, [name])
        if need > room:
            message = f"'{name}' takes {need / 1e9:.1f} GB, and there are {room / 1e9:.1f} GB for models here"
            raise ConfigError(message, "memory_gb")
        try:
            while await asyncio.to_thread(self._footprint, [*self.loaded(), name]) > room:
                if not place.users:
                    return False
                idle = [one for one in self.loaded() if not self._places[one].users]
                if idle:
                    await self._unload(self._places[idle[-1]])
                else:
                    self._wanted_since = self._wanted_since or self._clock()
                    await self._news()
        finally:
            self._wanted_since = None
            self._wake()
        return place.users > 0

    async def _unload(self, place: _Place[M]) -> None:
        """Take a model from its place; whoever asks for it from now on waits and has it loaded again."""
        _keep(place)
        if place.model is not None:
            leaving, place.model = [place.model], None
            await asyncio.to_thread(self._empty, leaving)

    def _empty(self, leaving: list[M]) -> None:
        """Close a model, and settle when nobody holds it: neither a frame nor the thread pool, hence the list."""
        self._close(leaving.pop())
        self._settle()

    def _expire_later(self, name: str, place: _Place[M]) -> None:
        def leave() -> None:
            place.expiry = None
            place.leaving = asyncio.create_task(self._expire(name, place), name=f"unload {name}")

        _keep(place)
        place.expiry = asyncio.get_running_loop().call_later(self._terms.keep_alive_seconds, leave)

    async def _expire(self, name: str, place: _Place[M]) -> None:
        """Unload what nobody came back for, not even while this waited for its turn."""
        async with self._turn:
            if not place.users and place.expiry is None and place.model is not None:
                _log.info("%s is unloaded: nobody has asked for it for %g s", name, self._terms.keep_alive_seconds)
                await self._unload(place)

    async def _news(self) -> None:
        """Until something has changed, or patience may have ended."""
        changed = self._changed
        try:
            async with asyncio.timeout(self._terms.patience_seconds):
                await changed.wait()
        except TimeoutError:
            return

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _keep(place: _Place[M]) -> None:
    """Put off that it leaves."""
    if place.expiry is not None:
        place.expiry.cancel()
        place.expiry = None


def _look_at(task: asyncio.Task[None]) -> None:
    """Those who waited may all have left: an error that nobody takes is no news for the log."""
    if not task.cancelled():
        task.exception()

"""Database work that goes on to its end when its caller is canceled: a driver cut off inside a transaction may keep
its lock, and every request whose client hangs up, and every shutdown, cancels somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Uninterrupted:
    """Work in progress. A caller that is canceled leaves at once; what it began is finished without it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin `work` without waiting for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which goes on if the caller is canceled."""
        return await asyncio.shield(self.start(work))

    async def settle(self) -> None:
        """Wait until nothing is in progress."""
        while self._tasks:
            await asyncio.wait(self._tasks)

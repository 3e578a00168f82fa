"""Whoever watches a store is stopped by a cancel at any moment, also when what it waits for comes just then: a studio
waits for it when it stops."""

from __future__ import annotations

import asyncio

import pytest
from obstore.store import MemoryStore

from configs.errors import FileStoreUnavailable
from deployments.blobs.outage import Availability
from deployments.blobs.store import BlobStore

TURNS = 8
"""Of the event loop, before the cancel: more than lie between what is waited for and its waiter."""


async def canceled(task: asyncio.Task[None]) -> bool:
    task.cancel()
    await asyncio.wait([task], timeout=0.2)
    done = task.cancelled()
    task.cancel()
    return done


@pytest.mark.parametrize("turns", range(TURNS))
def test_a_check_that_ends_just_then(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tried(self: BlobStore, size: int) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(BlobStore, "_try", tried)

    async def stop() -> bool:
        watching = asyncio.create_task(BlobStore(MemoryStore()).watch())
        for _ in range(turns):
            await asyncio.sleep(0)
        return await canceled(watching)

    assert asyncio.run(stop())


@pytest.mark.parametrize("turns", range(TURNS))
def test_an_outage_that_comes_just_then(turns: int) -> None:
    async def watch(availability: Availability) -> None:
        while True:
            await availability.change(60)
            await asyncio.sleep(60)

    async def stop() -> bool:
        availability = Availability("the store")
        watching = asyncio.create_task(watch(availability))
        await asyncio.sleep(0.01)
        availability.lost(FileStoreUnavailable("gone"))
        for _ in range(turns):
            await asyncio.sleep(0)
        return await canceled(watching)

    assert asyncio.run(stop())

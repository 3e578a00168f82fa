"""Work outlives the caller that began it."""

from __future__ import annotations

import asyncio

import pytest

from router.jobs.uninterrupted import Uninterrupted


def test_work_goes_on_when_its_caller_is_canceled_and_can_be_waited_for() -> None:
    done: list[str] = []

    async def commit(begun: asyncio.Event, allowed: asyncio.Event) -> None:
        begun.set()
        await allowed.wait()
        done.append("committed")

    async def hang_up() -> None:
        work, begun, allowed = Uninterrupted(), asyncio.Event(), asyncio.Event()
        caller = asyncio.create_task(work.finish(commit(begun, allowed)))
        await begun.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert done == []
        allowed.set()
        await work.settle()

    asyncio.run(hang_up())
    assert done == ["committed"]


def test_a_caller_gets_the_result_and_the_error_of_its_work() -> None:
    async def answer(number: int) -> int:
        return 1 // number

    async def ask() -> None:
        work = Uninterrupted()
        assert await work.finish(answer(1)) == 1
        with pytest.raises(ZeroDivisionError):
            await work.finish(answer(0))

    asyncio.run(ask())

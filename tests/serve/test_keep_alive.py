"""A worker leaves when nothing has been queued or processing for a while, and never because nobody answers."""

from __future__ import annotations

import asyncio

from configs.errors import StoreUnavailable
from serve.keep_alive import KeepAlive


class World:
    """So many jobs, or a database that is away, at a time that passes when it is told to."""

    def __init__(self) -> None:
        self.jobs: int | None = 0
        self.time = 0.0
        self.keep_alive = KeepAlive(self.unfinished, 60, lambda: self.time)

    async def unfinished(self) -> int:
        if self.jobs is None:
            raise StoreUnavailable("away")
        return self.jobs

    def is_over(self, after: float, jobs: int | None = 0) -> bool:
        self.time += after
        self.jobs = jobs
        return asyncio.run(self.keep_alive.is_over())


def test_it_stays_for_as_long_as_it_is_told_to() -> None:
    world = World()
    assert [world.is_over(59), world.is_over(2)] == [False, True]


def test_a_job_begins_it_anew() -> None:
    world = World()
    assert [world.is_over(59, jobs=1), world.is_over(59), world.is_over(1)] == [False, False, True]


def test_a_database_that_is_away_may_hold_jobs() -> None:
    world = World()
    assert [world.is_over(70, jobs=None), world.is_over(59), world.is_over(1)] == [False, False, True]

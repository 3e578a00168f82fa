"""What runs promise on every engine: a line is ordered once, after everybody else, and what is dropped is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from configs.errors import NotFound
from router.experiments.runs.model import NewRun, RunLine, RunStatus, owner_of_runs
from router.experiments.runs.store import RunStore
from router.jobs.model import JobStatus, NewJob
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from router.plan import Routed
from tests.contract.job_samples import JobDatabase, a_job, finished, leased

LINES = tuple(RunLine(prompt=f"thing {n}", asset_type="icon", quality="draft", seed=n) for n in range(3))


@asynccontextmanager
async def opened(database: JobDatabase) -> AsyncIterator[tuple[SqlJobStore, RunStore]]:
    async with database.store() as store:
        assert isinstance(store, SqlJobStore)
        yield store, RunStore(store.database, database.clock)


def drawn(number: int, arm: str = "half") -> NewJob:
    """A job of line 0 of the run `run_a`."""
    job = a_job(number, owner_of_runs("steps"))
    routed = Routed(reason="replay", experiment="steps", phase=1, assigned=arm, served=arm, pair="run_a/0", run="run_a")
    return replace(job, plan=job.plan.model_copy(update={"routed": routed}), batch="run_a", line=1)


async def begin(runs: RunStore, kind: str = "replay") -> None:
    lines = LINES if kind == "replay" else ()
    assert await runs.begin(NewRun("run_a", "steps", 1, kind, lines))  # type: ignore[arg-type]


async def test_of_several_conductors_one_orders_a_line(database: JobDatabase) -> None:
    async with opened(database) as (store, runs), opened(database) as (_, others):
        await begin(runs)
        assert not await others.begin(NewRun("run_a", "steps", 1, "replay"))
        tries = [
            (runs, others)[n % 2].order("run_a", 0, [drawn(2 * n), drawn(2 * n + 1, "champion")]) for n in range(8)
        ]
        assert sorted(await asyncio.gather(*tries)) == [False] * 7 + [True]
        run = await runs.run("steps", "run_a")
        assert (run.next_line, run.gpu_seconds, run.unfinished) == (1, 16.0, 2)
        assert len(await store.jobs(Viewer(owner_of_runs("steps")))) == 2
        assert await runs.line("run_a", 1) == LINES[1]
        assert await runs.skip("run_a", 1, "arm half: it is gone")
        assert not await runs.skip("run_a", 1, "again")
        (one,) = await runs.open()
        assert (one.run.skipped, one.run.reason, one.used_seconds) == (1, "arm half: it is gone", 16.0)
        assert not one.is_current, "no such experiment was ever started"
        assert await runs.end("run_a", RunStatus.STOPPED)
        assert not await runs.order("run_a", 2, [drawn(99)]), "it has ended"
        assert (await runs.run("steps", "run_a")).reason == "arm half: it is gone"


async def test_everybody_else_goes_first(database: JobDatabase) -> None:
    async with opened(database) as (store, runs):
        await begin(runs)
        assert not (await runs.load()).others_wait
        await runs.order("run_a", 0, [drawn(1), drawn(2, "champion")])
        load = await runs.load()
        assert (load.others_wait, load.in_flight) == (False, 2)
        await store.submit(a_job(10, "ana"))
        await store.submit(a_job(11, "zoe"))
        await store.submit(a_job(12, "zoe"))
        assert (await runs.load()).others_wait
        waiting = await store.backlog("ben", in_batch=True)
        assert (waiting.jobs, waiting.seconds) == (3, 24.0), "an estimate does not count who lets others go first"
        order = []
        for _ in range(5):
            lease = await leased(store)
            order.append(lease.job.owner)
            await finished(store, lease)
            database.clock.advance(1)
        assert order[3:] == [owner_of_runs("steps")] * 2
        assert set(order[:3]) == {"ana", "zoe"}


async def test_lines_come_while_a_run_is_running_and_old_ones_are_dropped(database: JobDatabase) -> None:
    async with opened(database) as (_, runs):
        await begin(runs, "shadow")
        noted = await asyncio.gather(*(runs.note_line("run_a", line, 2) for line in LINES))
        assert sorted(noted) == [False, True, True]
        database.clock.advance(3600)
        assert await runs.drop("run_a", 0, 60.0)
        assert not await runs.drop("run_a", 2, 60.0)
        assert await runs.note_line("run_a", LINES[2], 2)
        assert not await runs.drop("run_a", 2, 60.0), "it is fresh"
        run = await runs.run("steps", "run_a")
        assert (run.next_line, run.total, run.dropped) == (2, 3, 2)
        assert await runs.line("run_a", 2) == LINES[2]
        await runs.end("run_a", RunStatus.STOPPED, "enough")
        assert not await runs.note_line("run_a", LINES[0], 9)
        ended = await runs.run("steps", "run_a")
        assert (ended.reason, ended.ended_at) == ("enough", database.clock.now)
        assert ended.created_at == database.clock.now - timedelta(seconds=3600)


async def test_a_canceled_run_takes_its_jobs_along(database: JobDatabase) -> None:
    async with opened(database) as (store, runs):
        await begin(runs)
        await runs.order("run_a", 0, [drawn(1), drawn(2, "champion")])
        in_work = await leased(store)
        assert await runs.cancel("steps", "run_a", "canceled by ana") == (in_work.job.id,)
        with pytest.raises(NotFound):
            await runs.cancel("others", "run_a", "not theirs")
        run = await runs.run("steps", "run_a")
        assert (run.status, run.jobs) == (RunStatus.CANCELED, {JobStatus.CANCELED: 1, JobStatus.PROCESSING: 1})

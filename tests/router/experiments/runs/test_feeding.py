"""Lines of a run are ordered once, on all arms or on none, and only while nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from configs.experiments import ArmConfig, Overlay
from router.experiments.runs import feeder, transactions
from router.experiments.runs.beginning import begin_run, order_replay
from router.experiments.runs.model import RunStatus
from router.experiments.runs.store import RunStore
from router.jobs.model import Job
from tests.router.experiments.runs.conftest import PROMPTS, Bench

Trial = Callable[[Any], Any]


def test_every_arm_draws_the_same_prompts_with_the_same_seeds(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        experiment = await bench.start()
        (run_id,) = await begin_run(bench.studio, experiment)
        await _draw_all(bench)
        jobs = await bench.jobs()
        by_pair: dict[str, list[Job]] = {}
        for job in jobs:
            assert job.plan.routed is not None
            assert (job.plan.routed.run, job.plan.routed.experiment, job.plan.routed.phase) == (run_id, "steps", 1)
            by_pair.setdefault(str(job.plan.routed.pair), []).append(job)
        assert len(by_pair) == len(PROMPTS)
        for pair in by_pair.values():
            assert {one.plan.routed.assigned for one in pair if one.plan.routed} == {"champion", "fewer"}
            assert len({(one.plan.prompt, one.plan.seeds, one.created_at) for one in pair}) == 1
            assert len(pair[0].plan.seeds) == 1
        steps = {one.plan.routed.served: one.plan.base.num_inference_steps for one in jobs if one.plan.routed}
        assert steps["fewer"] == 3 < steps["champion"]
        assert {job.plan.prompt for job in jobs} == set(PROMPTS)
        assert await bench.jobs("dev") == ()
        run = await bench.studio.runs.run("steps", run_id)
        assert (run.status, run.next_line, run.skipped) == (RunStatus.COMPLETE, 3, 0)
        assert run.gpu_seconds == pytest.approx(sum(job.plan.estimated_seconds for job in jobs))
        assert await begin_run(bench.studio, experiment) == (run_id,)
        assert not await bench.feeder.feed(), "a run begins by itself once in a phase"

    trial(test)


async def _draw_all(bench: Bench) -> None:
    for _ in range(20):
        await bench.feeder.feed()
        await bench.finish_all()


def test_a_start_that_was_cut_off_is_made_good(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start()
        assert await bench.feeder.feed()
        assert len(await bench.jobs()) == 2

    trial(test)


def test_nothing_is_ordered_while_somebody_waits_and_theirs_goes_first(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start()
        assert await bench.feeder.feed()
        theirs = await bench.ask()
        assert not await bench.feeder.feed()
        lease = await bench.studio.store.lease("w", 60)
        assert lease is not None
        assert lease.job.id == theirs.id, "though it came later"
        assert await bench.feeder.feed(), "theirs is in work and waits no more"

    trial(test)


def test_a_few_jobs_are_in_flight(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start(arms=tuple(_way(steps) for steps in range(2, 5)))
        assert await bench.feeder.feed()
        assert not await bench.feeder.feed()
        assert len(await bench.jobs()) == 3

    trial(test)


def _way(steps: int) -> ArmConfig:
    return ArmConfig(id=f"in-{steps}", overlay=Overlay(steps={"standard": steps}))


def test_several_conductors_order_a_line_once(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start()
        feeders = [bench.new_feeder() for _ in range(4)]
        for _ in range(20):
            await asyncio.gather(*(one.feed() for one in feeders))
            await bench.finish_all()
        pairs = [job.plan.routed.pair for job in await bench.jobs() if job.plan.routed]
        assert len(pairs) == 6
        assert all(pairs.count(pair) == 2 for pair in pairs)

    trial(test)


@pytest.mark.parametrize("statement", ["INSERT_JOB", "INSERT_ARM", "write_all"])
def test_a_crash_leaves_a_line_whole_or_unordered(
    trial: Trial, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash:
        def run(self, connection: Connection, *rows: object) -> int:
            raise RuntimeError("the process ends here")

        __call__ = run

    async def test(bench: Bench) -> None:
        await bench.start()
        with monkeypatch.context() as patched:
            patched.setattr(transactions, statement, Crash())
            with pytest.raises(RuntimeError):
                await bench.feeder.feed()
        assert await bench.jobs() == ()
        (run,) = await bench.studio.runs.runs("steps")
        assert (run.next_line, run.gpu_seconds) == (0, 0.0)
        await _draw_all(bench)
        assert len(await bench.jobs()) == 6

    trial(test)


def test_a_budget_ends_a_run_with_its_reason(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        experiment = await bench.start()
        await bench.feeder.feed()
        (once,) = await bench.studio.runs.runs("steps")
        await bench.studio.experiments.store.stop("steps", "ana", "")
        await bench.finish_all()
        experiment = await bench.start(gpu_seconds=once.gpu_seconds * 2.5)
        await _draw_all(bench)
        run, before = await bench.studio.runs.runs("steps")
        assert (before.status, before.reason) == (RunStatus.STOPPED, "the phase of its experiment has ended")
        assert (run.phase, run.status, run.next_line) == (experiment.phase.number, RunStatus.STOPPED, 2)
        assert "its budget of" in run.reason
        assert run.gpu_seconds <= once.gpu_seconds * 2.5

    trial(test)


def test_a_line_that_one_arm_cannot_draw_is_drawn_by_none(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start(arms=(ArmConfig(id="champion"), ArmConfig(id="gone", overlay=Overlay(model="gone"))))
        await _draw_all(bench)
        assert await bench.jobs() == ()
        (run,) = await bench.studio.runs.runs("steps")
        assert (run.status, run.skipped) == (RunStatus.COMPLETE, 3)
        assert run.reason == "line 3: arm gone: gone does not run here"

    trial(test)


def test_a_paused_experiment_waits_and_a_canceled_run_ends(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start()
        store = bench.studio.experiments.store
        await store.pause("steps", "ana", "")
        assert not await bench.feeder.feed()
        await store.resume("steps", "ana", "")
        assert await bench.feeder.feed()
        (run,) = await bench.studio.runs.runs("steps")
        assert await bench.studio.runs.cancel("steps", run.id, "canceled by ana") == ()
        assert {job.status.value for job in await bench.jobs()} == {"canceled"}
        assert not await bench.feeder.feed()
        assert (await bench.studio.runs.run("steps", run.id)).status is RunStatus.CANCELED

    trial(test)


def test_what_people_ask_for_is_drawn_again_after_it_was_accepted(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start("shadow")
        await bench.feeder.feed()
        theirs = await bench.ask(prompt="a cup", formats=["webp"], num_variations=3, guidance_scale=0)
        await bench.ask(asset_type="product_illustration")  # not in its scope
        await bench.ask(num_inference_steps=7)  # says what the arms would change
        await asyncio.sleep(0.1)
        await bench.finish_all()
        await _draw_all(bench)
        again = await bench.jobs()
        assert {job.plan.routed.assigned for job in again if job.plan.routed} == {"champion", "fewer"}
        for job in again:
            assert (job.plan.prompt, job.plan.seeds) == (theirs.plan.prompt, theirs.plan.seeds[:1])
            assert job.request["formats"] == ["webp"]
            assert job.request["guidance_scale"] == 0
        assert len(again) == 2

    trial(test)


def test_a_share_is_drawn_again_and_nobody_waits_for_it(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(bench: Bench) -> None:
        await bench.start("shadow", exposure=0.0)
        await bench.feeder.feed()
        await bench.ask()
        await asyncio.sleep(0.05)
        (run,) = await bench.studio.runs.runs("steps")
        assert run.total == 0
        await bench.studio.experiments.store.expose("steps", 1.0, "ana", "")
        await bench.studio.experiments.refresh()

        async def broken(*_: object) -> bool:
            raise RuntimeError("no room")

        monkeypatch.setattr(RunStore, "note_line", broken)
        assert (await bench.ask()).id
        await asyncio.sleep(0.05)

    trial(test)


def test_old_lines_are_dropped_with_a_count(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        await bench.start("shadow")
        await bench.feeder.feed()
        early = datetime.now(UTC) - timedelta(seconds=feeder.STALE_SECONDS + 60)
        now = bench.studio.runs
        bench.studio = replace(bench.studio, runs=RunStore(bench.studio.experiments.store.database, lambda: early))
        await bench.ask(prompt="long ago")
        await bench.ask(prompt="long ago, too")
        await asyncio.sleep(0.1)
        bench.studio = replace(bench.studio, runs=now)
        await bench.ask(prompt="a fresh one")
        await asyncio.sleep(0.1)
        await bench.finish_all()
        bench.feeder = bench.new_feeder()
        await _draw_all(bench)
        (run,) = await bench.studio.runs.runs("steps")
        assert (run.dropped, run.next_line, run.status) == (2, 3, RunStatus.RUNNING)
        assert {job.plan.prompt for job in await bench.jobs()} == {"a fresh one"}

    trial(test)


def test_a_replay_is_ordered_with_seeds_that_repeat_or_are_fresh(trial: Trial) -> None:
    async def test(bench: Bench) -> None:
        experiment = await bench.start("shadow")
        store = bench.studio.runs

        async def seeds_of(**said: Any) -> list[int]:
            run = await order_replay(bench.studio, experiment, "three", **said)
            return [(await store.line(run.id, number)).seed for number in range(run.total)]

        first = await seeds_of(seeds=2)
        assert len(set(first)) == 6
        assert await seeds_of(seeds=2) == first
        assert not set(await seeds_of(fresh=True)) & set(first)

    trial(test)

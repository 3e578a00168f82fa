"""A training as a job: learned to its end, gone on with after any crash, canceled, put off, taken into the library."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from configs.errors import StageUnavailable
from configs.training import TrainingSettings
from router.conductor import Conductor
from router.jobs.model import EventType, Job, JobStatus
from router.jobs.sql import SqlJobStore
from router.studio import Studio
from router.training.record import RECORDED, Record
from tests.router.training.conftest import ANA, World, finished, submit, until

pytestmark = pytest.mark.slow


async def record(studio: Studio, job: Job) -> Record:
    return Record.read(await studio.store.log(job.id, *RECORDED))


async def losses(world: World) -> dict[int, float]:
    """Of a run that nothing interrupts."""
    async with world.conducted() as studio:
        job = await submit(studio)
        assert (await finished(studio, job)).status is JobStatus.COMPLETE
        return (await record(studio, job)).losses


async def test_it_learns_keeps_its_checkpoints_and_its_lora_is_a_candidate(world: World) -> None:
    async with world.conducted() as studio:
        job = await finished(studio, await submit(studio))
        told = await record(studio, job)
        assert (job.status, job.failure, job.progress) == (JobStatus.COMPLETE, None, 1.0)
        assert list(told.losses) == list(range(1, 21))
        assert list(told.checkpoints) == [5, 10, 15, 20]
        assert told.checkpoints[20].held_out.keys() == {"0.1", "0.9"}
        entry = (await studio.library.store.versions("loras", "peregrine")).require("candidate")
        assert (entry.version, entry.author, entry.file) == ("1.0.0", "ana", told.checkpoints[20].adapter)
        assert entry.content["trained"]["job"] == job.id
        assert entry.content["trigger_words"] == ["kestrel style"]
        for kept in told.checkpoints.values():
            assert (await studio.blobs.get(kept.adapter))[8:9] == b"{"


async def test_what_was_judged_best_is_the_candidate_at_its_strength_and_the_sheet_stays(world: World) -> None:
    async with world.conducted() as studio:
        job = await finished(studio, await submit(studio, is_judged=True))
        told = await record(studio, job)
        assert (job.status, job.failure) == (JobStatus.COMPLETE, None)
        assert told.judgement is not None
        assert (told.judgement["step"], told.judgement["reasons"]) == (5, ["it came first"])
        assert (await studio.blobs.get(told.judgement["sheet"]))[8:12] == b"WEBP"
        entry = (await studio.library.store.versions("loras", "peregrine")).require("candidate")
        assert (entry.file, entry.content["default_strength"]) == (told.checkpoints[5].adapter, 0.8)
        stages = [event.payload["stage"] for event in await studio.store.log(job.id, EventType.STAGE)]
        assert stages == ["caching", "training", "judging"]


async def test_what_goes_on_from_is_swept_with_the_job_and_its_adapters_stay(world: World) -> None:
    async with world.conducted() as studio:
        job = await finished(studio, await submit(studio))
        left = await studio.store.outputs(job.id)
        assert {one.kind for one in left} == {"adapter"}
        assert {one.position for one in left} == {5, 10, 15, 20}


async def test_a_lost_replica_is_gone_on_from_the_last_checkpoint_to_the_same_losses(world: World) -> None:
    undisturbed = await losses(World(world.folder / "other"))
    world.trainer.fail = {13: StageUnavailable("the replica was lost")}
    assert await losses(world) == undisturbed
    assert world.trainer.begun == [0, 10]
    assert world.trainer.taken == [*range(1, 14), *range(11, 21)]


async def test_a_replica_on_another_node_fetches_the_checkpoint(world: World) -> None:
    undisturbed = await losses(World(world.folder / "other"))
    world.trainer.stuck_at = 13
    async with world.conducted() as studio:
        job = await submit(studio)
        async with asyncio.timeout(60):
            while 13 not in (await record(studio, job)).losses:
                await asyncio.sleep(0.01)
    await asyncio.to_thread(_remove, world.folder / "trainings")
    world.kill_replica()
    world.trainer.stuck_at = None
    async with world.conducted() as studio:
        assert (await finished(studio, job)).status is JobStatus.COMPLETE
        assert (await record(studio, job)).losses == undisturbed
    assert world.trainer.begun == [0, 10]


async def test_another_conductor_goes_on_when_one_is_killed_while_the_trainer_lives(world: World) -> None:
    undisturbed = await losses(World(world.folder / "other"))
    world.trainer.stuck_at = 13
    async with world.studio() as lost:
        killed = Conductor(lost, lease_seconds=0.5)
        killed.start()
        job = await submit(lost)
        async with asyncio.timeout(60):
            while 13 not in (await record(lost, job)).losses:
                await asyncio.sleep(0.01)
        freeze(lost)
        async with world.conducted() as studio:
            await until(studio, job, EventType.RETRIED)
            world.trainer.stuck_at = None
            assert (await finished(studio, job)).status is JobStatus.COMPLETE
            assert (await record(studio, job)).losses == undisturbed
            versions = (await studio.library.store.versions("loras", "peregrine")).entries
            assert [one.version for one in versions] == ["1.0.0"], "it is taken into the library once"
        await killed.stop()
    assert world.trainer.begun == [0, 10]


async def test_it_is_canceled_within_a_step_and_keeps_a_checkpoint_of_it(world: World) -> None:
    world.trainer.stuck_at = 7
    async with world.conducted() as studio:
        job = await submit(studio)
        async with asyncio.timeout(60):
            while 7 not in (await record(studio, job)).losses:
                await asyncio.sleep(0.01)
        await studio.store.request_cancel(ANA, job.id)
        job = await finished(studio, job)
        assert job.status is JobStatus.CANCELED
        assert list((await record(studio, job)).checkpoints) == [5, 7]
        assert world.trainer.taken == [*range(1, 8)]


async def test_it_gives_way_to_pictures_and_goes_on_when_they_are_drawn(world: World) -> None:
    undisturbed = await losses(World(world.folder / "other"))
    world.trainer.stuck_at = 7
    async with world.conducted() as studio:
        job = await submit(studio)
        async with asyncio.timeout(60):
            while 7 not in (await record(studio, job)).losses:
                await asyncio.sleep(0.01)
        real, busy = studio.store.backlog, await studio.store.backlog("")

        async def crowded(*_: object, **__: object) -> object:
            return replace(busy, seconds=1000.0)

        studio.store.backlog = crowded  # type: ignore[method-assign, assignment]
        async with asyncio.timeout(60):
            while (told := await record(studio, job)).stage != "paused":
                await asyncio.sleep(0.01)
        assert "gives way to pictures" in told.detail
        assert list(told.checkpoints) == [5, 7]
        assert told.state(await studio.store.job(ANA, job.id)) == "paused"
        studio.store.backlog, world.trainer.stuck_at = real, None  # type: ignore[method-assign]
        await _until_leasable(studio, job)
        assert (await finished(studio, job)).status is JobStatus.COMPLETE
        assert (await record(studio, job)).losses == undisturbed


async def test_a_loss_that_is_no_number_fails_the_job_and_keeps_the_last_good_one(world: World) -> None:
    world.trainer.diverge_at = 12
    async with world.conducted() as studio:
        job = await finished(studio, await submit(studio))
        assert job.failure is not None
        assert (job.failure.code, job.failure.message) == (
            "training_not_a_number",
            "the loss of step 13 is no number",
        )
        assert list((await record(studio, job)).checkpoints) == [5, 10]


async def test_a_full_disk_is_waited_for(world: World) -> None:
    world.trainer.fail = {8: OSError(28, "No space left on device")}
    async with world.conducted() as studio:
        job = await finished(studio, await submit(studio))
        assert job.status is JobStatus.COMPLETE
        retried = [event.payload for event in await studio.store.log(job.id, EventType.RETRIED)]
        assert "No space left on device" in retried[0]["reason"]


async def test_what_fails_for_good_says_so_in_the_job(world: World) -> None:
    world.trainer.fail = {3: ValueError("a fault of ours")}
    async with world.conducted() as studio:
        job = await finished(studio, await submit(studio))
        assert job.failure is not None
        assert "failed unexpectedly; its log has details" in job.failure.message


async def test_another_seed_is_a_patch_and_another_rank_a_major_version(world: World) -> None:
    async with world.conducted() as studio:
        for seed, rank in ((3, 4), (4, 4), (4, 8)):
            settings = TrainingSettings(rank=rank, steps=5, checkpoint_every=5, seed=seed)
            job = await finished(studio, await submit(studio, settings=settings))
            assert job.status is JobStatus.COMPLETE
        versions = (await studio.library.store.versions("loras", "peregrine")).entries
    assert [one.version for one in versions] == ["2.0.0", "1.0.1", "1.0.0"]


async def test_drawing_goes_on_beside_it(world: World) -> None:
    world.trainer.stuck_at = 2
    async with world.conducted() as studio:
        job = await submit(studio)
        await until(studio, job, EventType.LOSS)
        assert (await studio.store.backlog("ana")).jobs == 0, "a training is ahead of no picture"
        assert await studio.store.jobs(ANA) == ()
        assert [one.id for one in await studio.store.jobs(ANA, kind="train")] == [job.id]


def _remove(folder: object) -> None:
    import shutil

    shutil.rmtree(folder)  # type: ignore[arg-type]


def freeze(studio: Studio) -> None:
    """What its conductor writes from now on never comes to an end, as if its process were stopped."""

    async def never(*_: object, **__: object) -> Any:
        await asyncio.Event().wait()

    for name in ("heartbeat", "append", "keep_output", "end", "put_off"):
        setattr(studio.store, name, never)


async def _until_leasable(studio: Studio, job: Job) -> None:
    """What was put off for a while comes at once."""
    from sqlalchemy import text

    store = studio.store
    assert isinstance(store, SqlJobStore)
    await store.database.write(
        lambda connection: connection.execute(
            text("UPDATE jobs SET lease_until = NULL WHERE id = :id AND lease_worker IS NULL"), {"id": job.id}
        )
    )

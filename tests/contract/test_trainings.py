"""What every job store promises of trainings: leased apart, put off, canceled while they wait; adapters stay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from deployments.trainings import LearnedPicture
from router.jobs.model import EventType, JobStatus, NewJob, StageOutput
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from tests.contract.job_samples import LEASE_SECONDS, LICENCE, JobDatabase, a_job
from tests.contract.test_uploads import HOUR, swept
from tests.router.training.conftest import a_plan

ANA = Viewer("ana")
PICTURE = LearnedPicture(sha256="a" * 64, caption="a mug")


def a_training(**changes: object) -> NewJob:
    return NewJob("training-1", "ana", {"model": "mini"}, a_plan((PICTURE,)), LICENCE, **changes)  # type: ignore[arg-type]


async def test_each_kind_is_leased_apart_and_only_pictures_are_ahead_of_pictures(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_training())
        assert await store.lease("painter", LEASE_SECONDS) is None
        assert (await store.backlog("ana")).jobs == 0
        await store.submit(a_job(1))
        drawn = await store.lease("painter", LEASE_SECONDS)
        learned = await store.lease("trainer", LEASE_SECONDS, "train")
        assert drawn is not None
        assert learned is not None
        assert (drawn.job.kind, learned.job.kind) == ("generate", "train")
        assert learned.job.training == a_plan((PICTURE,))
        assert [job.id for job in await store.jobs(ANA)] == [a_job(1).id]
        assert [job.id for job in await store.jobs(ANA, kind="train")] == ["training-1"]


async def test_one_that_is_put_off_comes_again_then_and_not_before(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_training(not_before=database.clock.now + timedelta(seconds=50)))
        assert await store.lease("trainer", LEASE_SECONDS, "train") is None
        database.clock.advance(50)
        lease = await store.lease("trainer", LEASE_SECONDS, "train")
        assert lease is not None
        event = await store.put_off(lease, 100, {"stage": "paused", "detail": "pictures wait"})
        assert (event.type, event.payload["detail"]) == (EventType.STAGE, "pictures wait")
        database.clock.advance(99)
        assert await store.lease("trainer", LEASE_SECONDS, "train") is None
        database.clock.advance(1)
        again = await store.lease("trainer", LEASE_SECONDS, "train")
        assert again is not None
        assert again.token == lease.token + 1


async def test_one_that_is_canceled_while_it_is_put_off_is_taken_at_once_to_end(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_training())
        lease = await store.lease("trainer", LEASE_SECONDS, "train")
        assert lease is not None
        await store.put_off(lease, 100, {"stage": "paused"})
        assert (await store.request_cancel(ANA, "training-1")).status is JobStatus.PROCESSING
        again = await store.lease("trainer", LEASE_SECONDS, "train")
        assert again is not None
        assert again.job.cancel_requested


async def test_an_older_release_leaves_it_to_others(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_training())
        assert isinstance(store, SqlJobStore)
        newest = await store.database.write(
            lambda connection: connection.execute(text("SELECT plan_version FROM jobs")).scalar_one()
        )
        assert newest > 1000, "as no plan of pictures has"


async def test_its_adapters_stay_with_it_and_what_goes_on_from_is_swept(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_training())
        lease = await store.lease("trainer", LEASE_SECONDS, "train")
        assert lease is not None
        for output in (
            StageOutput(6, 5, "adapter", "b" * 64, {}, (), ""),
            StageOutput(0, 5, "checkpoint", "c" * 64, {}, (), "b" * 64),
        ):
            await store.expect_files(output.sha256)
            await store.keep_output(lease, output)
        await store.end(lease, JobStatus.COMPLETE)
        database.clock.advance(HOUR)
        assert await swept(store) == ["c" * 64]
        assert [one.sha256 for one in await store.outputs("training-1")] == ["b" * 64]

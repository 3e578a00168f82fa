"""What finished stages have left: kept under a lease until the job ends, then swept, and never under anybody's feet."""

from __future__ import annotations

import asyncio
import gc

import pytest
from sqlalchemy import text

from configs.errors import LeaseLost, NotFound
from router.jobs.model import EventType, ImageRecord, JobStatus, Lease, StageOutput, StoredFile
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased
from tests.contract.test_uploads import HOUR, sha, swept
from tests.router.storage.test_migration import connected


def an_output(index: int, position: int = 0) -> StageOutput:
    file = sha(10 * index + position + 1)
    return StageOutput(index, position, ("base", "upscale")[position], file, {"base": 2.0}, ("small",), "weights")


async def keep(store: JobStore, lease: Lease, output: StageOutput) -> None:
    await store.expect_files(output.sha256)
    await store.keep_output(lease, output)


async def test_the_last_finished_stage_of_each_picture_is_found_again(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        assert await store.outputs(lease.job.id) == ()
        for output in (an_output(0), an_output(1), an_output(1, 1)):
            await keep(store, lease, output)
        database.clock.advance(HOUR)
        other = await leased(store, "worker-2")
        assert await store.outputs(other.job.id) == (an_output(0), an_output(1, 1))
        assert await swept(store) == [an_output(1).sha256], "what a later stage has taken the place of"


async def test_it_is_kept_under_a_lease_only(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lost = await leased(store)
        database.clock.advance(HOUR)
        await leased(store, "worker-2")
        with pytest.raises(LeaseLost):
            await keep(store, lost, an_output(0))
        assert await store.outputs(lost.job.id) == ()
        database.clock.advance(HOUR)
        assert await swept(store) == [an_output(0).sha256]


@pytest.mark.parametrize("status", [JobStatus.COMPLETE, JobStatus.CANCELED])
async def test_it_goes_with_the_end_of_its_job(database: JobDatabase, status: JobStatus) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        for index in range(3):
            await keep(store, lease, an_output(index))
        database.clock.advance(2 * HOUR)
        assert await swept(store) == []
        await store.heartbeat(lease, 30, 0.5)
        await store.end(lease, status)
        assert await store.outputs(lease.job.id) == ()
        assert sorted(await swept(store)) == [an_output(index).sha256 for index in range(3)], "nobody waits for it"


async def test_what_an_older_release_has_left_behind_is_swept(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await keep(store, lease, an_output(0))
        with connected(database.url) as connection:
            connection.execute(text("UPDATE jobs SET status = 'complete'"))
        assert await swept(store) == [an_output(0).sha256]


async def test_one_that_cannot_be_read_is_done_again(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        for index in range(2):
            await keep(store, lease, an_output(index))
        with connected(database.url) as connection:
            connection.execute(text("UPDATE stage_outputs SET notes = '{' WHERE idx = 0"))
        assert await store.outputs(lease.job.id) == (an_output(1),)
        await keep(store, lease, an_output(0))
        assert len(await store.outputs(lease.job.id)) == 2


async def test_an_output_whose_file_was_swept_is_not_kept(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.expect_files(an_output(0).sha256)
        database.clock.advance(HOUR)
        assert await swept(store) == [an_output(0).sha256]
        await store.heartbeat(lease, 30, 0.5)
        with pytest.raises(NotFound):
            await store.keep_output(lease, an_output(0))


async def test_a_picture_whose_file_was_swept_is_refused_and_taken_once_it_is_there(database: JobDatabase) -> None:
    """A worker that slept for an hour between file and row must not commit a picture without its file."""
    file = StoredFile(format="png", media_type="image/png", sha256=sha(5), size_bytes=1)
    picture = a_picture(0).model_copy(update={"files": (file, file.model_copy(update={"format": "webp"}))})
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.expect_files(sha(5))
        database.clock.advance(HOUR)
        assert await swept(store) == [sha(5)]
        with pytest.raises(NotFound):
            await store.add_image(lease, picture, expected=True)
        assert (await store.job(Viewer("ana"), lease.job.id)).images == ()
        await store.expect_files(sha(5))
        await store.add_image(lease, picture, expected=True)
        await store.add_image(lease, numbered(picture, 1), expected=True)  # named by now, so that no note is needed
        database.clock.advance(HOUR)
        assert await swept(store) == []
        log = await store.events(Viewer("ana"), lease.job.id)
        assert [event.seq for event in log] == [1, 2, 3, 4]


async def test_the_last_picture_ends_its_job_in_one_transaction(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        picture = a_picture(0)
        with pytest.raises(NotFound):
            await store.complete(lease, picture)
        assert (await store.job(Viewer("ana"), lease.job.id)).status is JobStatus.PROCESSING
        await store.expect_files(*(file.sha256 for file in picture.files))
        events = await store.complete(lease, picture)
        assert [event.type for event in events] == [EventType.IMAGE, EventType.COMPLETE]
        job = await store.job(Viewer("ana"), lease.job.id)
        assert (job.status, job.progress, len(job.images)) == (JobStatus.COMPLETE, 1.0, 1)
        assert [event.seq for event in await store.events(Viewer("ana"), job.id)] == [1, 2, 3, 4]
        with pytest.raises(LeaseLost):
            await store.complete(lease, numbered(picture, 1))


async def test_a_last_picture_that_is_there_already_ends_its_job_all_the_same(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease, picture = await leased(store), a_picture(0)
        stored = await store.add_image(lease, picture)
        image, end = await store.complete(lease, picture)
        assert (image, end.seq) == (stored, stored.seq + 1)
        assert (await store.job(Viewer("ana"), lease.job.id)).status is JobStatus.COMPLETE


async def test_who_leaves_a_write_that_fails_leaves_no_line_in_the_log(database: JobDatabase) -> None:
    """A heartbeat that is under way when the last picture ends the job."""
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.end(lease, JobStatus.COMPLETE)
        beat = asyncio.create_task(store.heartbeat(lease, 30, 0.5))
        await asyncio.sleep(0)
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)
    gc.collect()
    assert told == []


def numbered(picture: ImageRecord, index: int) -> ImageRecord:
    return picture.model_copy(update={"index": index, "asset_id": ""})

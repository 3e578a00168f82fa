"""Whose things are there for whom, on both engines: the owner's for the owner, their space's to look at, else none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from configs.errors import NotAllowed, NotFound
from deployments.messages import Origin
from router.batches.model import NewBatch
from router.batches.store import BatchStore
from router.jobs.model import JobStatus, UploadedPicture
from router.jobs.rows import new_job_row
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job

OWNER = Viewer("ana", "brand")
MEMBER = Viewer("ben", "home", frozenset({"home", "brand"}))
STRANGER = Viewer("eve", "home", frozenset({"home"}))
ADMIN = Viewer("zoe", sees_all=True)
JOB, PICTURE, BATCH = a_job(1).id, "pic_1", "batch_1"


async def _filled(store: JobStore, database: JobDatabase) -> BatchStore:
    """A job, an upload and a batch of ana's, in the space brand."""
    assert isinstance(store, SqlJobStore)
    await store.submit(replace(a_job(1), space="brand"))
    await store.add_picture(UploadedPicture(PICTURE, "ana", "ab" * 32, 8, 8, 100, "brand"))
    batches = BatchStore(store.database, database.clock)
    in_batch = replace(a_job(2), batch=BATCH, line=1, space="brand")
    rows = (new_job_row(in_batch, database.clock()),)
    await batches.accept(NewBatch(BATCH, "ana", {}, 1, rows, space="brand"))
    return batches


def _reads(store: JobStore, batches: BatchStore) -> list[Callable[[Viewer], Awaitable[Any]]]:
    return [
        lambda viewer: store.job(viewer, JOB),
        lambda viewer: store.events(viewer, JOB),
        lambda viewer: store.asset(viewer, PICTURE),
        lambda viewer: store.picture(viewer, PICTURE),
        lambda viewer: batches.batch(viewer, BATCH),
    ]


def _changes(store: JobStore, batches: BatchStore) -> list[Callable[[Viewer], Awaitable[Any]]]:
    return [
        lambda viewer: store.request_cancel(viewer, JOB),
        lambda viewer: store.remove_picture(viewer, PICTURE),
        lambda viewer: batches.cancel(viewer, BATCH),
    ]


async def test_who_is_in_its_space_looks_at_it_and_strangers_do_not(database: JobDatabase) -> None:
    async with database.store() as store:
        for read in _reads(store, await _filled(store, database)):
            for viewer in (OWNER, MEMBER, ADMIN):
                assert await read(viewer)
            with pytest.raises(NotFound):
                await read(STRANGER)
        for viewer, seen in ((OWNER, 1), (MEMBER, 1), (ADMIN, 1), (STRANGER, 0)):
            assert len(await store.jobs(viewer, batch=BATCH)) == seen
            assert len(await store.briefs(viewer, [JOB])) == seen
            assert len(await store.jobs(viewer, space="brand")) == 2 * seen
        assert [len(await store.jobs(viewer)) for viewer in (OWNER, MEMBER, ADMIN)] == [2, 0, 0]


@pytest.mark.parametrize("who", [OWNER, ADMIN])
async def test_its_owner_and_admins_change_it(database: JobDatabase, who: Viewer) -> None:
    async with database.store() as store:
        for change in _changes(store, await _filled(store, database)):
            await change(who)
        assert (await store.job(OWNER, JOB)).status is JobStatus.CANCELED
        assert await store.pictures(OWNER) == ()


async def test_others_change_nothing_and_only_who_sees_it_is_told_whose_it_is(database: JobDatabase) -> None:
    async with database.store() as store:
        for change in _changes(store, await _filled(store, database)):
            with pytest.raises(NotAllowed, match="is ana's"):
                await change(MEMBER)
            with pytest.raises(NotFound):
                await change(STRANGER)
        assert (await store.job(OWNER, JOB)).status is JobStatus.QUEUED
        assert len(await store.pictures(OWNER)) == 1


async def test_a_lineage_tells_what_is_seen_of_it(database: JobDatabase) -> None:
    async with database.store() as store:
        await _filled(store, database)
        after = a_job(3)
        origin = Origin(call="regenerate", job_id=JOB)
        await store.submit(replace(after, space="brand", plan=after.plan.model_copy(update={"origin": origin})))
        for viewer, seen in ((OWNER, 1), (MEMBER, 1), (ADMIN, 1), (STRANGER, 0)):
            assert len(await store.kin_after(viewer, [JOB])) == seen
            assert len(await store.kin_before(viewer, [after.id])) == seen

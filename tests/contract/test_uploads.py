"""Uploaded pictures in the job store: listed, counted, removed, and their files swept once nothing names them."""

from __future__ import annotations

import asyncio
import time

import pytest

from configs.entries import DATASETS, canonical, content_hash
from configs.errors import FileStoreUnavailable, NotFound
from router.jobs.model import Parent, StoredFile, UploadedPicture
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.library.model import NewEntry
from router.library.store import LibraryStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased

HOUR = 3600.0


def sha(number: int) -> str:
    return f"{number:064x}"


def upload(number: int, owner: str = "ana", file: int | None = None) -> UploadedPicture:
    return UploadedPicture(f"pic_{number}", owner, sha(number if file is None else file), 8, 8, 1)


async def swept(store: JobStore, seconds: float = HOUR) -> list[str]:
    removed: list[str] = []
    while await store.sweep(seconds, removed.append):
        pass
    return removed


async def test_uploads_are_listed_by_page_and_counted_per_owner(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(5):
            await store.add_picture(upload(number))
        await store.add_picture(upload(9, owner="bob"))
        first = await store.pictures(Viewer("ana"), limit=3)
        assert [one.id for one in first] == ["pic_4", "pic_3", "pic_2"]
        assert [one.id for one in await store.pictures(Viewer("ana"), 3, before="pic_2")] == ["pic_1", "pic_0"]
        assert (await store.count_pictures("ana"), await store.count_pictures("bob")) == (5, 1)


async def test_a_file_that_a_version_of_a_dataset_names_stays(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in (1, 2):
            await store.add_picture(upload(number))
            await store.remove_picture(Viewer("ana"), f"pic_{number}")
        body = canonical({"name": "Set", "pictures": [{"picture": "pic_1", "sha256": sha(1)}]})
        new = NewEntry(DATASETS, "set", "1.0.0", body, content_hash(body), "ana", "")
        assert isinstance(store, SqlJobStore)
        await LibraryStore(store.database).add(new)
        assert await swept(store, 0) == [sha(2)]


async def test_only_its_owner_removes_a_picture_and_once(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.add_picture(upload(1))
        for owner, picture in (("bob", "pic_1"), ("ana", "pic_2"), ("ana", "pic_1\u00e9")):
            with pytest.raises(NotFound):
                await store.remove_picture(Viewer(owner), picture)
        await store.remove_picture(Viewer("ana"), "pic_1")
        for forget in (store.picture, store.remove_picture):
            with pytest.raises(NotFound):
                await forget(Viewer("ana"), "pic_1")


async def test_a_file_is_swept_when_it_has_been_loose_for_long_enough(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.add_picture(upload(1))
        await store.remove_picture(Viewer("ana"), "pic_1")
        assert await swept(store) == []
        database.clock.advance(HOUR)
        assert await swept(store) == [sha(1)]
        assert await swept(store) == []


async def test_a_file_that_an_upload_or_a_finished_picture_names_stays(database: JobDatabase) -> None:
    async with database.store() as store:
        for picture in (upload(1), upload(2, owner="bob", file=1), upload(3)):
            await store.add_picture(picture)
        await store.submit(a_job(1))
        lease = await store.lease("w", 30)
        assert lease is not None
        file = StoredFile(format="png", media_type="image/png", sha256=sha(3), size_bytes=1)
        await store.add_image(lease, a_picture(0).model_copy(update={"files": (file,)}))
        for name in ("pic_1", "pic_3"):
            await store.remove_picture(Viewer("ana"), name)
        database.clock.advance(HOUR)
        assert await swept(store) == []
        await store.remove_picture(Viewer("bob"), "pic_2")
        database.clock.advance(HOUR)
        assert await swept(store) == [sha(1)]


async def test_a_file_that_is_about_to_be_named_again_is_left_alone(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.add_picture(upload(1))
        await store.remove_picture(Viewer("ana"), "pic_1")
        database.clock.advance(HOUR)
        await store.expect_files(sha(1))
        assert await swept(store) == []
        await store.add_picture(upload(2, file=1))
        database.clock.advance(2 * HOUR)
        assert await swept(store) == []


async def test_the_file_of_an_upload_that_was_broken_off_is_swept(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.expect_files(sha(1))
        database.clock.advance(HOUR)
        assert await swept(store) == [sha(1)]


async def test_a_file_that_could_not_be_removed_is_tried_again(database: JobDatabase) -> None:
    def away(_: str) -> None:
        raise FileStoreUnavailable("the file store is away")

    async with database.store() as store:
        await store.expect_files(sha(1))
        database.clock.advance(HOUR)
        with pytest.raises(FileStoreUnavailable):
            await store.sweep(HOUR, away)
        assert store.availability.outage is None, "the database is there"
        assert await swept(store) == [sha(1)]


async def test_bringing_an_equal_picture_waits_for_a_removal_that_has_begun(database: JobDatabase) -> None:
    loop, begun, log = asyncio.get_running_loop(), asyncio.Event(), list[str]()

    def remove(_: str) -> None:
        loop.call_soon_threadsafe(begun.set)
        loop.call_soon_threadsafe(log.append, "removing")
        time.sleep(0.3)
        loop.call_soon_threadsafe(log.append, "removed")

    async with database.store() as store, database.store() as other:
        await store.expect_files(sha(1))
        database.clock.advance(HOUR)
        sweep = asyncio.create_task(store.sweep(HOUR, remove))
        await begun.wait()
        await other.expect_files(sha(1))
        log.append("expected")
        await sweep
        assert log == ["removing", "removed", "expected"]


async def test_any_picture_is_found_by_its_id_with_what_it_was_made_from(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.add_picture(upload(1))
        await store.submit(a_job(1))
        lease = await leased(store)
        made_from = (Parent(asset_id="pic_1", role="image"), Parent(asset_id="pic_9", role="mask"))
        await store.add_image(lease, a_picture(0).model_copy(update={"parents": made_from}))
        (image,) = (await store.job(Viewer("ana"), a_job(1).id)).images
        drawn = await store.asset(Viewer("ana"), image.asset_id)
        assert (drawn.kind, drawn.place, drawn.parents) == ("drawn", (a_job(1).id, 0), made_from)
        assert (drawn.files, drawn.licence) == (image.files, image.licence)
        await store.remove_picture(Viewer("ana"), "pic_1")
        assert (await store.asset(Viewer("ana"), image.asset_id)).parents == made_from, "lineage outlives a parent"
        with pytest.raises(NotFound):
            await store.remove_picture(Viewer("ana"), image.asset_id)
        for owner, name in (("ben", image.asset_id), ("ana", "pic_1"), ("ana", "pic_\u00e9")):
            with pytest.raises(NotFound):
                await store.asset(Viewer(owner), name)


async def test_an_uploaded_picture_is_an_asset_of_unknown_right(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.add_picture(upload(1))
        asset = await store.asset(Viewer("ana"), "pic_1")
        assert (asset.kind, asset.place, asset.parents) == ("uploaded", None, ())
        assert (asset.licence.internal, asset.licence.product) == ("allowed", "refused")
        assert [part.picture for part in asset.licence.parts] == ["pic_1"]
        assert [file.sha256 for file in asset.files] == [sha(1)]

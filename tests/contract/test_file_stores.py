"""What the file store promises, on every kind of store that it can be kept in: a folder, Azure Blob Storage (Azurite)
and S3 (moto's server)."""

from __future__ import annotations

import asyncio
import io
import json
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import obstore
import pytest
from obstore.store import ObjectStore

from configs.errors import DamagedFile, FileStoreUnavailable, NotFound
from deployments.blobs.blob_url import open_folder, open_url
from deployments.blobs.store import BlobStore, key_of
from router.api.app import create_app
from router.assets.keeping.store import KeepingStore
from router.files import connect_jobs
from router.studio import Studio
from tests.azurite.server import running_azurite
from tests.moto.server import S3Server, running_s3
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator, painted_studio, serving

pytestmark = pytest.mark.slow

LARGE = 21 * 2**20 + 5  # bytes: several parts, of which the last is small
THEIRS = {
    "holiday.jpg": b"another's",
    "sha256/ab/readme.txt": b"not ours, though it looks so",
    "studio/notes.txt": b"beside our files",
    "studio/sha256/ab/" + "ab" * 32: b"a name as ours",
}


@dataclass(frozen=True)
class Kept:
    """A store of a kind: `others` is all of the container that ours are in, as another's program sees it."""

    open: Callable[[], BlobStore]
    others: ObjectStore
    prefix: str
    cut: Callable[[], None] | None = None
    mend: Callable[[], None] | None = None
    cut_after: Callable[[int], None] | None = None
    url: str | None = None

    def path(self, key: str) -> str:
        return f"{self.prefix}sha256/{key[:2]}/{key}"

    def names(self) -> set[str]:
        return {one["path"] for one in obstore.list(self.others).collect()}


@pytest.fixture(scope="module", params=["folder", "azure", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("stores")
    if request.param == "folder":
        yield Kept(lambda: BlobStore.open(None, folder / "studio"), open_folder(folder), "studio/")
        return
    with pytest.MonkeyPatch.context() as patch:
        running, scheme = (running_azurite, "az") if request.param == "azure" else (running_s3, "s3")
        with running(folder) as server:
            server.create("pictures")
            for name, value in server.environment.items():
                patch.setenv(name, value)
            url = f"{scheme}://pictures/studio"
            after = None
            if isinstance(server, S3Server):
                line = server.line

                def after(size: int) -> None:
                    line.cut_after = size

            opened = open_url(f"{scheme}://pictures")
            yield Kept(lambda: BlobStore.open(url, folder), opened, "studio/", server.stop, server.start, after, url)


async def test_what_is_stored_comes_back_and_is_kept_once(kept: Kept) -> None:
    blobs = kept.open()
    for size in (0, 1, 100_000):
        data = os.urandom(size)
        key = await blobs.put(data)
        assert await blobs.put(data) == key == key_of(data)
        assert (await blobs.get(key), await blobs.size(key)) == (data, size)
    assert kept.path(key) in kept.names(), "below the folder of the URL"


async def test_a_large_file_goes_in_parts_and_comes_in_pieces(kept: Kept, tmp_path: Path) -> None:
    blobs, data = kept.open(), os.urandom(LARGE)
    for anew in (False, False, True):
        await blobs.put_file(io.BytesIO(data), key_of(data), anew)
    sizes = list[int]()
    with (tmp_path / "fetched").open("w+b") as file:
        await asyncio.to_thread(blobs.fetch, key_of(data), file, sizes.append)
    assert (tmp_path / "fetched").read_bytes() == data == await blobs.get(key_of(data))
    assert sizes == [LARGE]


async def test_what_is_not_there_is_said_to_be_missing(kept: Kept) -> None:
    blobs, key = kept.open(), key_of(os.urandom(8))
    for asked in (blobs.get(key), blobs.size(key), asyncio.to_thread(blobs.fetch, key, io.BytesIO())):
        with pytest.raises(NotFound):
            await asked
    await asyncio.to_thread(blobs.remove, key)
    assert await blobs.get_derived(key, "small") is None
    assert blobs.availability.outage is None, "a file that is missing is no outage"


@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "longer"])
async def test_a_damaged_file_is_found_and_never_handed_out(kept: Kept, damage: str) -> None:
    blobs, data = kept.open(), os.urandom(50_000)
    key = await blobs.put(data)
    bad = {"flipped": data[:777] + bytes([data[777] ^ 1]) + data[778:], "cut": data[:-1], "emptied": b""}
    obstore.put(kept.others, kept.path(key), bad.get(damage, data + b"\0"))
    for asked in (blobs.get(key), asyncio.to_thread(blobs.fetch, key, io.BytesIO())):
        with pytest.raises(DamagedFile, match="other bytes than were stored"):
            await asked
    await blobs.put_file(io.BytesIO(data), key, anew=True)
    assert await blobs.get(key) == data


async def test_nothing_of_anothers_is_read_written_or_removed(kept: Kept) -> None:
    for name, data in THEIRS.items():
        obstore.put(kept.others, name, data)
    blobs, data = kept.open(), os.urandom(100)
    key = await blobs.put(data)
    await blobs.put_derived(key, "small", b"small")
    assert await blobs.check()
    await asyncio.to_thread(blobs.remove, key, ("small", "large"))
    blobs.remove_unfinished(0)
    for name, theirs in THEIRS.items():
        assert bytes(obstore.get(kept.others, name).bytes()) == theirs
    assert not [name for name in kept.names() if key in name]
    with pytest.raises(DamagedFile):  # what is under our name and not ours is never taken for it
        await blobs.get("ab" * 32)


async def test_a_store_that_is_cut_off_in_the_middle_keeps_nothing_half(kept: Kept) -> None:
    if kept.cut is None or kept.mend is None:
        pytest.skip("a folder is not cut off; a writer of one is killed in test_store.py")
    blobs, data = kept.open(), os.urandom(LARGE)
    key = await blobs.put(b"there before")
    if kept.cut_after is not None:
        kept.cut_after(LARGE // 2)
        with pytest.raises(FileStoreUnavailable, match="does not answer"):
            await blobs.put_file(io.BytesIO(data), key_of(data))
    else:
        threading.Timer(0.05, kept.cut).start()
        with pytest.raises(FileStoreUnavailable, match="does not answer"):
            await _repeat(lambda: blobs.put_file(io.BytesIO(data), key_of(data), anew=True))
    assert blobs.availability.outage is not None
    with pytest.raises(FileStoreUnavailable):
        await blobs.get(key)
    kept.mend()
    assert await blobs.check()
    assert await blobs.get(key) == b"there before"
    try:
        assert await blobs.get(key_of(data)) == data  # by a round before
    except NotFound:
        assert kept.path(key_of(data)) not in kept.names()
    await blobs.put_file(io.BytesIO(data), key_of(data))
    threading.Timer(0.03, kept.cut).start()
    with pytest.raises(FileStoreUnavailable):
        await _repeat(lambda: _fetch(blobs, data))
    kept.mend()
    assert await blobs.check()
    assert await blobs.get(key_of(data)) == data


async def _repeat(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await work()


async def _fetch(blobs: BlobStore, data: bytes) -> None:
    with io.BytesIO() as file:
        await asyncio.to_thread(blobs.fetch, key_of(data), file)
        assert file.getvalue() == data


async def test_a_container_that_is_not_there_is_named(kept: Kept, tmp_path: Path) -> None:
    if kept.url is None:
        pytest.skip("a folder is made")
    missing = BlobStore.open(kept.url.replace("pictures", "elsewhere"), tmp_path)
    for asked in (missing.put(b"x"), missing.get("ab" * 32)):
        with pytest.raises(FileStoreUnavailable, match="no container or bucket of the name"):
            await asked


def test_pictures_are_drawn_deleted_and_swept_among_anothers_files(kept: Kept, tmp_path: Path) -> None:
    if kept.url is None:
        pytest.skip("other tests draw into a folder")
    for name, data in THEIRS.items():
        obstore.put(kept.others, name, data)
    before = kept.names()
    studio = painted_studio(tmp_path, PaintedGenerator(), blob_url=kept.url)
    with serving(create_app(studio)) as address, httpx.Client(base_url=address, timeout=60) as api:
        job = wait(api, submit(api, num_variations=2), 60)
        assert job["status"] == "complete", job
        ours = [file for image in job["images"] for file in image["files"]]
        assert all(api.get(file["url"]).status_code == 200 for file in ours)
        assert len(kept.names() - before) >= len(ours)
        for image in job["images"]:
            assert api.delete(f"/images/{image['asset_id']}").status_code in (200, 204)
        asyncio.run(_forget(studio))
        assert {name for name in kept.names() if "probe/" not in name} == {n for n in before if "probe/" not in n}
    for name, theirs in THEIRS.items():
        assert bytes(obstore.get(kept.others, name).bytes()) == theirs


async def _forget(studio: Studio) -> None:
    """What is deleted is gone for good, and swept: as eight days later."""
    later, database = datetime.now(UTC) + timedelta(days=8), connect_jobs(studio.installation).database
    await KeepingStore(database, lambda: later).purge()
    await studio.uploads.sweep(-timedelta(days=9).total_seconds())
    await database.close()


RIGHTS = {
    "read": (["s3:GetObject"], ("put", "remove")),
    "write": (["s3:GetObject", "s3:PutObject"], ("remove",)),
    "enough": (["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], ()),
    "none": (["s3:ListAllMyBuckets"], ("get", "put", "remove")),
}


def test_rights_of_a_bucket_that_lack_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading, writing and deleting are enough: nothing is ever listed."""
    with running_s3(tmp_path) as server:
        server.create("pictures")
        people = dict[str, dict[str, str]]()
        for name, (actions, _) in RIGHTS.items():
            allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
            people[name] = server.user(name, json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
        people["forged"] = people["enough"] | {"AWS_SECRET_ACCESS_KEY": "not it"}
        for name, value in people["enough"].items():
            monkeypatch.setenv(name, value)
        key = asyncio.run(BlobStore.open("s3://pictures", tmp_path).put(b"there"))
        server.judge()
        for who, environment in people.items():
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            refused = RIGHTS[who][1] if who in RIGHTS else ("get", "put", "remove")
            asyncio.run(_use(BlobStore.open("s3://pictures", tmp_path), key, refused))
            if who == "enough":
                key = asyncio.run(BlobStore.open("s3://pictures", tmp_path).put(b"there"))


async def _use(blobs: BlobStore, key: str, refused: tuple[str, ...]) -> None:
    uses = {
        "get": blobs.get(key),
        "put": blobs.put(b"new" + os.urandom(4)),
        "remove": asyncio.to_thread(blobs.remove, key),
    }
    for name, asked in uses.items():
        if name in refused:
            with pytest.raises(FileStoreUnavailable, match="refuses the studio's credentials"):
                await asked
        else:
            await asked


def test_a_killed_server_that_lost_everything_is_written_to_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_s3(tmp_path) as server:
        server.create("pictures")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        blobs = BlobStore.open("s3://pictures", tmp_path)

        async def use() -> None:
            key = await blobs.put(b"before")
            server.kill()
            with pytest.raises(FileStoreUnavailable, match="does not answer"):
                await blobs.put(b"meanwhile")
            server.start()
            with pytest.raises(FileStoreUnavailable, match="no container or bucket"):
                await blobs.get(key)
            server.create("pictures")
            with pytest.raises(NotFound):
                await blobs.get(key)
            assert await blobs.put(b"before") == key
            assert await blobs.get(key) == b"before"

        asyncio.run(use())

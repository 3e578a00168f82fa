"""The file store keeps its promises whatever goes wrong with it, and every failure has a name and a remedy."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore.exceptions import GenericError

from configs.errors import DamagedFile, FileStoreUnavailable, NotFound
from deployments.blobs import blob_url, outage
from deployments.blobs.faults import cause_of, name_fault
from deployments.blobs.outage import Availability, outlast
from deployments.blobs.store import BlobStore, key_of
from tests.s3 import Bucket, Fault, running_bucket
from tests.short_form import examples

WORDS: dict[Fault, str] = {
    "denied": "refuses the studio's credentials: correct them",
    "no bucket": "no container or bucket of the name in 'blob_url': create it",
    "moved": "refuses what the studio asks (status 400): check 'blob_url'",
    "elsewhere": "in another region than the studio asks: set AWS_REGION",
    "full": "the file store is full, or its quota is used up: make room",
    "quota": "the file store is full, or its quota is used up: make room",
    "busy": "does not answer: check that it runs",
    "broken": "does not answer: check that it runs",
    "drops": "does not answer: check that it runs",
    "hangs": "does not answer: check that it runs",
}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """One whose users have little patience."""
    for name in ("connect_timeout", "read_timeout"):
        monkeypatch.setitem(blob_url._CLIENT, name, timedelta(seconds=0.3))
        monkeypatch.setitem(blob_url._HASTY, name, timedelta(seconds=0.3))
    monkeypatch.setitem(blob_url._RETRY, "backoff", {"init_backoff": timedelta(milliseconds=1)})
    with running_bucket() as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        yield bucket


def opened(folder: Path) -> BlobStore:
    return BlobStore.open("s3://bucket", folder)


@pytest.mark.parametrize("fault", WORDS)
def test_every_use_of_a_store_that_fails_says_why_and_what_to_do(bucket: Bucket, tmp_path: Path, fault: Fault) -> None:
    async def use() -> None:
        blobs = opened(tmp_path)
        key = await blobs.put(b"there")
        bucket.fault = fault
        for work in (blobs.put(b"new"), blobs.get(key), asyncio.to_thread(blobs.remove, key)):
            with pytest.raises(FileStoreUnavailable) as caught:
                await work
            assert WORDS[fault] in caught.value.message
            assert len(caught.value.message.splitlines()) == 1
        known = blobs.availability.outage
        assert known is not None
        assert WORDS[fault] in known.reason
        assert not await blobs.check()
        bucket.fault = ""
        assert await blobs.check()
        assert blobs.availability.outage is None
        assert await blobs.get(key) == b"there"

    asyncio.run(use())


def test_a_download_that_is_cut_off_is_never_taken_for_the_file(bucket: Bucket, tmp_path: Path) -> None:
    async def use() -> None:
        blobs, content = opened(tmp_path), os.urandom(200_000)
        key = await blobs.put(content)
        bucket.fault = "cut"
        with pytest.raises(FileStoreUnavailable):
            await blobs.get(key)
        bucket.fault = "short"
        with pytest.raises(DamagedFile, match="other bytes than were stored"):
            await blobs.get(key)
        for fault in ("cut", "short"):
            bucket.fault, bucket.times = fault, 1
            try:
                assert await blobs.get(key) == content
            except FileStoreUnavailable:
                assert fault == "cut"

    asyncio.run(use())


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["put", "get", "remove"]),
            st.integers(0, 3),
            st.sampled_from(["", "denied", "no bucket", "busy", "moved", "drops", "cut", "short"]),
            st.integers(1, 4),
        ),
        max_size=12,
    )
)
def test_what_was_stored_comes_back_whole_or_not_at_all(
    bucket: Bucket, tmp_path: Path, moves: list[tuple[str, int, Fault, int]]
) -> None:
    async def use() -> None:
        bucket.objects.clear()
        blobs, kept = opened(tmp_path), dict[str, bytes]()
        for move, number, bucket.fault, bucket.times in moves:
            content = bytes([number]) * 5000
            key = key_of(content)
            missing = () if key in kept and move == "get" else (NotFound,)
            with suppress(FileStoreUnavailable, DamagedFile, *missing):
                if move == "put":
                    kept[await blobs.put(content)] = content
                elif move == "get":
                    assert await blobs.get(key) == content
                else:
                    kept.pop(key, None)
                    await asyncio.to_thread(blobs.remove, key)
        bucket.fault = ""
        assert await blobs.check()
        for key, content in kept.items():
            assert await blobs.get(key) == content

    asyncio.run(use())


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full: make room"),
        (errno.EDQUOT, "is full: make room"),
        (errno.EROFS, "cannot be written: mount it writable"),
        (errno.EACCES, "may not use the folder"),
        (errno.EPERM, "may not use the folder"),
        (errno.ENOENT, "is not there: bring it back"),
        (errno.ENOTDIR, "is not there: bring it back"),
        (errno.EIO, "gives errors: check it"),
        (errno.EMFILE, "too many files open"),
        (errno.ESTALE, "gives errors: check it"),
    ],
)
def test_what_keeps_a_disk_from_being_used_is_named(number: int, words: str) -> None:
    error = GenericError(
        f"Generic LocalFileSystem error: Unable to open file: {os.strerror(number)} (os error {number})"
    )
    assert words in name_fault(error, local=True).message


def test_the_log_has_the_cause_without_secrets() -> None:
    error = name_fault(GenericError("Error performing GET http://x/pictures/a?sig=SECRET in 1ms\n\nDebug"), local=False)
    error.__cause__ = GenericError("Error performing GET http://x/pictures/a?sig=SECRET in 1ms\n\nDebug")
    assert cause_of(error) == "Error performing GET http://x/pictures/a?… in 1ms"


def test_a_file_that_is_not_whole_is_written_again(tmp_path: Path) -> None:
    async def use() -> None:
        blobs = BlobStore.open(None, tmp_path)
        key = await blobs.put(b"a picture")
        file = next(path for path in tmp_path.rglob(key))
        file.write_bytes(b"a pic")
        with pytest.raises(DamagedFile):
            await blobs.get(key)
        await blobs.put(b"a picture")
        assert await blobs.get(key) == b"a picture"

    asyncio.run(use())


def test_what_was_made_of_a_file_is_kept_beside_it_and_goes_with_it(bucket: Bucket, tmp_path: Path) -> None:
    async def use(blobs: BlobStore) -> None:
        key, other = await blobs.put(b"a picture"), await blobs.put(b"another")
        assert await blobs.get_derived(key, "small") is None
        for made in (b"small", b"made anew"):
            await blobs.put_derived(key, "small", made)
            assert await blobs.get_derived(key, "small") == made
        await blobs.put_derived(other, "small", b"its own")
        for _ in range(2):
            await asyncio.to_thread(blobs.remove, key, ("small", "large"))
        assert await blobs.get_derived(key, "small") is None
        assert await blobs.get_derived(other, "small") == b"its own"
        assert await blobs.get(other) == b"another"

    asyncio.run(use(opened(tmp_path)))
    asyncio.run(use(BlobStore.open(None, tmp_path / "local")))
    assert len([*(tmp_path / "local" / "derived").glob("*/*")]) == 1, "no folder is left behind"


def test_an_outage_lasts_until_what_failed_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Availability()
    known.lost(FileStoreUnavailable("full: make room"), 5000)
    known.lost(FileStoreUnavailable("full: make room"), 100)
    known.found(100)
    assert known.outage is not None
    known.found(5000)
    assert known.outage is None
    known.lost(FileStoreUnavailable("full: make room"), 2 * outage.LARGEST_SIZE)
    known.found(outage.LARGEST_SIZE)
    assert known.outage is None


def test_what_outlasts_an_outage_is_done_once_it_can_be() -> None:
    async def use() -> tuple[str, int]:
        known, heard, attempts = Availability(), list[str](), 0

        async def work() -> str:
            nonlocal attempts
            attempts += 1
            if attempts < 3:
                error = FileStoreUnavailable("away: check it")
                known.lost(error)
                raise error
            return "done"

        async def held_up(error: Exception) -> None:
            heard.append(str(error))

        return await outlast(work, known, held_up), len(heard)

    assert asyncio.run(use()) == ("done", 2)


@pytest.mark.parametrize("size", [0, 1, 5 * 2**20 + 1])
def test_a_file_is_stored_piece_by_piece_and_once(tmp_path: Path, size: int) -> None:
    tmp_path.joinpath("blobs").mkdir()
    store, data = BlobStore.open(None, tmp_path / "blobs"), os.urandom(size)
    with tempfile.SpooledTemporaryFile(2**20) as file:
        file.write(data)
        for _ in range(2):
            asyncio.run(store.put_file(file, key_of(data)))
    assert asyncio.run(store.get(key_of(data))) == data
    stored = tmp_path / "blobs/sha256" / key_of(data)[:2] / key_of(data)
    stored.write_bytes(data[: size // 2] + b"broken off")
    with tempfile.TemporaryFile() as again:
        again.write(data)
        asyncio.run(store.put_file(again, key_of(data)))
    assert stored.read_bytes() == data


_KILLED_WHILE_WRITING = """
import asyncio, os, signal, sys, threading, time
from pathlib import Path
from deployments.blobs.store import BlobStore

folder = Path(sys.argv[1])

def kill_at_first_bytes():
    while not any(folder.glob("sha256/*/*#*")):
        pass
    os.kill(os.getpid(), signal.SIGKILL)

threading.Thread(target=kill_at_first_bytes).start()
asyncio.run(BlobStore.open(None, folder).put(bytes(2**28)))
"""


def test_what_a_killed_writer_left_half_written_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _KILLED_WHILE_WRITING, str(tmp_path)]
    assert subprocess.run(command, env=environment, timeout=120, check=False).returncode == -signal.SIGKILL
    store = BlobStore.open(None, tmp_path)
    whole = asyncio.run(store.put(b"whole"))
    left = [file for file in tmp_path.glob("sha256/*/*") if file.name != whole]
    assert len(left) == 1, "this is how obstore writes"
    store.remove_unfinished(3600)
    assert left[0].exists(), "somebody may be writing it"
    store.remove_unfinished(0)
    assert not left[0].exists()
    assert asyncio.run(store.get(whole)) == b"whole"

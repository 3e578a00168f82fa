"""A node keeps what it fetched: once for everybody, whole, within bounds, and never away from under somebody."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configs.errors import DamagedFile, FileStoreUnavailable, NotFound, TooLarge
from configs.load import ROOT
from deployments.blobs import blob_url
from deployments.blobs.node_cache import CachedStore, NodeCache
from deployments.blobs.store import BlobStore, key_of
from tests.s3 import Bucket, Fault, running_bucket
from tests.short_form import examples

CONTENTS = [bytes([number]) * 1000 * (number + 1) for number in range(5)]
KEYS = [key_of(content) for content in CONTENTS]


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """With all of `CONTENTS` in it; whoever uses it has little patience."""
    for name in ("connect_timeout", "read_timeout"):
        monkeypatch.setitem(blob_url._CLIENT, name, timedelta(seconds=0.3))
    monkeypatch.setitem(blob_url._RETRY, "backoff", {"init_backoff": timedelta(milliseconds=1)})
    with running_bucket() as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        fill(bucket)
        yield bucket


def fill(bucket: Bucket) -> None:
    bucket.objects.update({name(key): content for key, content in zip(KEYS, CONTENTS, strict=True)})


def name(key: str) -> str:
    return f"sha256/{key[:2]}/{key}"


def cache_at(folder: Path, limit: int = 2**30) -> NodeCache:
    return NodeCache(lambda: BlobStore.open("s3://bucket", folder / "unused"), folder / "cache", limit)


def read(cache: NodeCache, number: int, largest: int = 2**20) -> bytes:
    with cache.held(KEYS[number], ".bin", largest, "it") as file:
        return file.read_bytes()


def kept(folder: Path) -> set[int]:
    """The numbers of what is on disk, all of it whole and none in pieces."""
    files = [file for file in (folder / "cache").iterdir() if file.is_file()]
    assert all(key_of(file.read_bytes()) == file.stem for file in files)
    return {KEYS.index(file.stem) for file in files}


def test_many_threads_fetch_once(bucket: Bucket, tmp_path: Path) -> None:
    caches = [cache_at(tmp_path) for _ in range(4)]  # as the models of one process have one each
    together = threading.Barrier(20)

    def one(number: int) -> bytes:
        together.wait()
        return read(caches[number % 4], 3)

    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(one, range(20))) == {CONTENTS[3]}
    assert bucket.asked[name(KEYS[3])] == 1


PROCESS = """
import sys
from pathlib import Path
from tests.deployments.blobs.test_node_cache import cache_at, KEYS
print("ready", flush=True)
sys.stdin.readline()
with cache_at(Path(sys.argv[1])).held(KEYS[4], ".bin", 2**20, "it") as file:
    print(len(file.read_bytes()), flush=True)
    sys.stdin.readline()
"""


def process(folder: Path) -> subprocess.Popen[str]:
    """Another process of the node, about to fetch; it holds what it fetched until it hears another line."""
    command = [sys.executable, "-c", PROCESS, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def say(other: subprocess.Popen[str]) -> None:
    assert other.stdin is not None
    other.stdin.write("\n")
    other.stdin.flush()


def hear(other: subprocess.Popen[str]) -> str:
    assert other.stdout is not None
    return other.stdout.readline().strip()


def test_many_processes_fetch_once_and_one_that_is_killed_holds_nothing(bucket: Bucket, tmp_path: Path) -> None:
    others = [process(tmp_path) for _ in range(3)]
    try:
        assert {hear(other) for other in others} == {"ready"}
        for other in others:
            say(other)
        assert {hear(other) for other in others} == {str(len(CONTENTS[4]))}
        assert bucket.asked[name(KEYS[4])] == 1
        small = cache_at(tmp_path, limit=0)
        read(small, 0)
        assert 4 in kept(tmp_path), "others hold it"
        for other in others:
            os.kill(other.pid, signal.SIGKILL)
            other.wait()
        read(small, 1)
        assert kept(tmp_path) == {1}
    finally:
        for other in others:
            other.kill()
            other.communicate()


@pytest.mark.parametrize("fault", ["denied", "no bucket", "busy", "broken", "moved", "drops", "cut", "short", "hangs"])
def test_what_fails_leaves_nothing_and_is_fetched_once_the_store_is_back(
    bucket: Bucket, tmp_path: Path, fault: Fault
) -> None:
    cache = cache_at(tmp_path)
    bucket.fault = fault
    with pytest.raises(DamagedFile if fault == "short" else FileStoreUnavailable):
        read(cache, 2)
    assert kept(tmp_path) == set()
    bucket.fault = ""
    assert read(cache, 2) == CONTENTS[2]


def test_what_is_not_there_or_too_large_is_refused_and_nothing_kept(bucket: Bucket, tmp_path: Path) -> None:
    cache = cache_at(tmp_path)
    with pytest.raises(TooLarge, match="it has 5,000 bytes, and 4,999 are the most"):
        read(cache, 4, largest=4999)
    assert read(cache, 4, largest=5000) == CONTENTS[4]
    del bucket.objects[name(KEYS[0])]
    with pytest.raises(NotFound):
        read(cache, 0)
    bucket.objects[name(KEYS[1])] = b"something else"
    with pytest.raises(DamagedFile):
        read(cache, 1)
    assert kept(tmp_path) == {4}


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied"])
def test_a_file_that_was_damaged_on_the_nodes_disk_is_fetched_again(
    bucket: Bucket, tmp_path: Path, damage: str
) -> None:
    read(cache_at(tmp_path), 3)
    file = tmp_path / "cache" / f"{KEYS[3]}.bin"
    file.write_bytes({"cut": CONTENTS[3][:-1], "changed": b"x" + CONTENTS[3][1:], "emptied": b""}[damage])
    assert read(cache_at(tmp_path), 3) == CONTENTS[3]
    assert bucket.asked[name(KEYS[3])] == 2


def test_what_a_killed_process_left_half_fetched_goes(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    for number in (0, 1):
        (tmp_path / "cache" / f"{KEYS[number]}.part").write_bytes(b"half")
    assert read(cache_at(tmp_path), 0) == CONTENTS[0]
    assert kept(tmp_path) == {0}


def test_a_disk_that_has_no_room_gives_up_what_nobody_holds(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = cache_at(tmp_path)
    read(cache, 0)
    read(cache, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(CONTENTS[4]) - 1))
    assert read(cache, 4) == CONTENTS[4]
    assert kept(tmp_path) == {1, 4}


def test_where_the_folder_for_weights_is_read_only_the_one_for_temporary_files_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CachedStore(None, tmp_path / "blobs", 2**30)
    store.folder.mkdir()
    key = asyncio.run(BlobStore.open(None, store.folder).put(CONTENTS[1]))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "weights").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(tmp_path / "weights")]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a disk")
    try:
        with store.open().held(key, ".bin", 2**20, "it") as file:
            assert file.is_relative_to(tmp_path / "temporary")
            assert file.read_bytes() == CONTENTS[1]
    finally:
        subprocess.run(["umount", str(tmp_path / "weights")], check=True)


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(0, 12_000),
    moves=st.lists(
        st.tuples(st.sampled_from(["hold", "let go", "damage", "lose"]), st.integers(0, len(KEYS) - 1)), max_size=25
    ),
)
def test_whatever_happens_what_is_held_stays_whole_and_the_rest_within_bounds(
    bucket: Bucket, tmp_path_factory: pytest.TempPathFactory, limit: int, moves: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("node")
    fill(bucket)
    cache, held = cache_at(folder, limit), dict[int, tuple[ExitStack, Path]]()
    used: list[int] = []
    for move, number in moves:
        file = folder / "cache" / f"{KEYS[number]}.bin"
        if move == "hold" and number not in held:
            stack = ExitStack()
            here = file.exists()
            held[number] = (stack, stack.enter_context(cache.held(KEYS[number], ".bin", 2**20, "it")))
            used = [*(one for one in used if one != number), number]
            if not here:
                there = kept(folder)
                loose = sum(len(CONTENTS[one]) for one in there if one not in held)
                fixed = sum(len(CONTENTS[one]) for one in held)
                assert loose == 0 or loose + fixed <= limit
                gone = [one for one in used if one not in there and one not in held]
                assert not [
                    one for one in there - held.keys() if used.index(one) < max(map(used.index, gone), default=0)
                ]
                used = [one for one in used if one in there]
        elif move == "let go" and number in held:
            held.pop(number)[0].close()
        elif move == "damage" and number not in held and file.exists():
            file.write_bytes(b"damaged")
            with cache.held(KEYS[number], ".bin", 2**20, "it"):
                pass
            used = [
                *(one for one in used if one != number and (folder / "cache" / f"{KEYS[one]}.bin").exists()),
                number,
            ]
        elif move == "lose" and file.exists():
            bucket.objects.pop(name(KEYS[number]), None)
            with cache.held(KEYS[number], ".bin", 2**20, "it"):
                pass  # it needs no store
            fill(bucket)
            used = [*(one for one in used if one != number), number]
        for one, (_, path) in held.items():
            assert path.read_bytes() == CONTENTS[one]
    for stack, _ in held.values():
        stack.close()

"""Places where a studio can keep its files, each of which can be broken and mended while the studio runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.azurite.server import running_azurite
from tests.moto.server import running_s3
from tests.s3 import Fault, running_bucket

_MEGABYTES = 24


@dataclass(frozen=True)
class Place:
    """`words` are those that must be said while it is broken; `reads` and `removes` tell what works even then, and
    `database` whether the jobs' database is on it too."""

    name: str
    words: str
    break_: Callable[[], None]
    mend: Callable[[], None]
    url: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    reads: bool = False
    database: bool = False


Opening = Callable[[Path], AbstractContextManager[Place]]
"""Makes a place for the studio whose state is under a folder."""


@contextmanager
def _mounted(folder: Path) -> Iterator[None]:
    """A small disk of its own at `folder`."""
    folder.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(folder)]
    done = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this user may not mount a disk: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path) -> None:
    """Until not a byte more fits."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


def _empty(disk: Path) -> None:
    (disk / "filler").unlink()


@contextmanager
def full_disk(state: Path) -> Iterator[Place]:
    """Files on a disk of their own, which fills up."""
    disk = state / "blobs"
    with _mounted(disk):
        yield Place("full disk", "is full: make room", lambda: _fill(disk), lambda: _empty(disk), reads=True)


@contextmanager
def full_state(state: Path) -> Iterator[Place]:
    """Files and jobs on one disk, which fills up."""
    with _mounted(state):
        words = "is full: make room"
        yield Place("full state", words, lambda: _fill(state), lambda: _empty(state), reads=True, database=True)


@contextmanager
def read_only_disk(state: Path) -> Iterator[Place]:
    """Files on a disk that is remounted read-only, as after an error."""
    disk = state / "blobs"

    def remount(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)

    with _mounted(disk):
        yield Place(
            "read-only disk", "cannot be written: mount it", lambda: remount("ro"), lambda: remount("rw"), reads=True
        )
        remount("rw")


@contextmanager
def lost_folder(state: Path) -> Iterator[Place]:
    """Files in a folder that goes away, as with its disk."""
    folder, elsewhere = state / "blobs", state / "elsewhere"
    yield Place(
        "lost folder",
        "is not there: bring it back",
        lambda: os.rename(folder, elsewhere),
        lambda: os.rename(elsewhere, folder),
    )


@contextmanager
def file_for_folder(state: Path) -> Iterator[Place]:
    """Files in a folder whose place a file takes."""
    folder, elsewhere = state / "blobs", state / "elsewhere"

    def break_() -> None:
        os.rename(folder, elsewhere)
        folder.write_text("not a folder")

    def mend() -> None:
        folder.unlink()
        os.rename(elsewhere, folder)

    yield Place("file for folder", "is not there: bring it back", break_, mend)


@contextmanager
def azure(state: Path) -> Iterator[Place]:
    """Azure Blob Storage, by Azurite, which is stopped."""
    folder = state.parent / "azurite"
    folder.mkdir()
    with running_azurite(folder) as server:
        server.create("pictures")
        words = "does not answer: check that it runs"
        yield Place("azure", words, server.stop, server.start, "az://pictures", server.environment)


@contextmanager
def s3_stopped(state: Path) -> Iterator[Place]:
    """S3, by moto's server, from which the studio is cut off."""
    folder = state.parent / "moto"
    folder.mkdir()
    with running_s3(folder) as server:
        server.create("pictures")
        words = "does not answer: check that it runs"
        yield Place("s3", words, server.stop, server.start, "s3://pictures/studio", server.environment)


def bucket(fault: Fault, words: str) -> Opening:
    """S3, which goes wrong in one way."""

    @contextmanager
    def s3(_: Path) -> Iterator[Place]:
        with running_bucket() as bucket:

            def suffer(which: Fault) -> Callable[[], None]:
                def change() -> None:
                    bucket.fault = which

                return change

            yield Place(f"s3 {fault}", words, suffer(fault), suffer(""), "s3://bucket", bucket.environment)

    return s3


PLACES: dict[str, Opening] = {
    "full disk": full_disk,
    "full state": full_state,
    "read-only disk": read_only_disk,
    "lost folder": lost_folder,
    "file for folder": file_for_folder,
    "azure stopped": azure,
    "s3 stopped": s3_stopped,
    "s3 full": bucket("full", "the file store is full, or its quota is used up: make room"),
    "s3 drops": bucket("drops", "does not answer: check that it runs"),
    "s3 denied": bucket("denied", "refuses the studio's credentials: correct them"),
    "s3 without bucket": bucket("no bucket", "no container or bucket of the name in 'blob_url': create it"),
}

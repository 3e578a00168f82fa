"""Files are stored where they are written: hashes and sizes leave, outages are waited for, and pictures are kept and
brought back to the last bit."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from configs.errors import DamagedFile, FileStoreUnavailable, NotFound, StoreUnavailable
from deployments.blobs.keeper import FileKeeper
from deployments.exchange import Exchange
from deployments.messages import Done, Latents, Passed, Picture, Waiting
from deployments.stages.encode import encode
from deployments.stages.finisher import Finisher
from deployments.stages.pixels import KeepRequest, RestoreRequest, read_output, write_output
from tests.deployments.pictures import asked, icon, static
from tests.kept_files import files_in_memory, in_memory

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FailingFiles:
    """A keeper that fails with `faults`, one after the other, and then stores."""

    def __init__(self, *faults: StoreUnavailable) -> None:
        self._faults, self._files = list(faults), files_in_memory()
        self.blobs, self.tried = self._files.blobs, 0

    async def put(self, files: Sequence[bytes]) -> tuple[str, ...]:
        self.tried += 1
        if self._faults:
            raise self._faults.pop(0)
        return await self._files.put(files)


async def test_what_leaves_is_hashes_and_sizes_of_files_that_are_stored() -> None:
    files = files_in_memory()
    finisher = Finisher(Exchange(open_files=lambda: files))
    (done,) = [told async for told in finisher.finish(icon(64), asked("png", "webp"))]
    assert isinstance(done, Done)
    expected = encode(icon(64), asked("png", "webp"))
    for file, whole in zip(done.files, expected.files, strict=True):
        assert file.sha256 == hashlib.sha256(whole.data).hexdigest()
        assert await files.blobs.get(file.sha256) == whole.data
        assert file.size_bytes == len(whole.data)
    finisher.close()


async def test_a_store_that_is_away_is_waited_for_and_each_reason_is_told_once() -> None:
    away, full = FileStoreUnavailable("the file store does not answer"), FileStoreUnavailable("the disk is full")
    files = FailingFiles(away, away, full, StoreUnavailable("the database is away"))
    finisher = Finisher(Exchange(open_files=lambda: files))  # type: ignore[arg-type,return-value]
    told = [told async for told in finisher.finish(icon(16), asked("png"))]
    reasons = [one.reason for one in told if isinstance(one, Waiting)]
    assert reasons == ["the file store does not answer", "the disk is full", "the database is away"]
    assert isinstance(told[-1], Done)
    assert files.tried == 5
    finisher.close()


async def test_every_file_is_noted_before_the_first_is_written_and_again_at_each_attempt() -> None:
    log: list[str] = []
    store = files_in_memory().blobs
    put = store.put

    async def expect(*sha256: str) -> None:
        log.append(f"expect {len(sha256)}")

    async def write(data: bytes, key: str | None = None) -> str:
        log.append("write")
        if log.count("write") == 2:
            raise FileStoreUnavailable("full")
        return await put(data, key)

    store.put = write  # type: ignore[method-assign]
    finisher = Finisher(Exchange(open_files=lambda: FileKeeper(store, expect)))
    _ = [told async for told in finisher.finish(icon(16), asked("png", "webp"))]
    assert log == ["expect 2", "write", "write", "expect 2", "write", "write"]
    finisher.close()


async def test_who_leaves_while_files_wait_ends_the_waiting() -> None:
    files = FailingFiles(*[FileStoreUnavailable("away")] * 1000)
    finisher = Finisher(Exchange(open_files=lambda: files))  # type: ignore[arg-type,return-value]
    answers = finisher.finish(icon(16), asked("png"))
    assert isinstance(await anext(answers), Waiting)
    await answers.aclose()  # type: ignore[attr-defined]
    tried = files.tried
    await asyncio.sleep(0.6)
    assert files.tried == tried
    finisher.close()


LATENTS = Latents(64, 48, (1, 4, 6, 8), bytes(range(256)) * 3, "4 0.13025")


@pytest.mark.parametrize(
    "picture",
    [
        static(16),
        Picture(1, 1, b"\n# "),
        Picture(3, 1, b"P6\n255\n\n\n"),
        LATENTS,
        replace(LATENTS, values=b"\n12" * 256),
    ],
)
async def test_a_picture_that_was_kept_comes_back_to_the_last_bit(picture: Passed) -> None:
    finisher = Finisher(in_memory())
    kept = (await finisher.keep(picture, KeepRequest("job/0/1"))).kept
    assert (await finisher.restore(RestoreRequest(kept))).picture == picture
    assert (await finisher.keep(picture, KeepRequest("job/1/1"))).kept != kept, "each place has a file of its own"
    with pytest.raises(NotFound):
        await finisher.restore(RestoreRequest("0" * 64))
    finisher.close()


@pytest.mark.parametrize("picture", [static(4), LATENTS], ids=["pixels", "latents"])
@pytest.mark.parametrize("cut", [0, 1, 5, 12, 20, -1])
def test_what_is_no_kept_picture_is_refused(cut: int, picture: Passed) -> None:
    whole = write_output(picture, "job/0/0")
    assert read_output(whole) == picture
    for damaged in (whole[:cut], whole + b"x", b"P5" + whole[2:]):
        with pytest.raises(DamagedFile):
            read_output(damaged)

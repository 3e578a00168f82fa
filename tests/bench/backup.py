"""What a backup of a studio of N pictures takes, and its restoring, beside a plain copy of the folder:
`python -m tests.bench.backup --pictures 500`. What was restored is read, every hash."""

from __future__ import annotations

import argparse
import asyncio
import io
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import httpx
from PIL import Image

from deployments.blobs.store import BlobStore, key_of
from router.backups.copying import Progress
from router.backups.place import BackupPlace
from router.backups.restoring import restore, verify
from router.backups.taking import take_backup
from tests.studio import running_studio

T = TypeVar("T")


def main() -> None:
    """Print a line for each side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--side", type=int, default=512, help="pixels of each picture, which is of noise")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        _fill(Path(folder, "old"), options.pictures, options.side)
        _measure(Path(folder))


def _fill(folder: Path, pictures: int, side: int) -> None:
    with running_studio(folder) as url, httpx.Client(base_url=url, timeout=60) as api:
        for _ in range(pictures):
            with io.BytesIO() as file:
                Image.effect_noise((side, side), 90).save(file, "PNG", compress_level=1)
                answer = api.post("/pictures", files={"file": ("a.png", file.getvalue(), "image/png")})
            answer.raise_for_status()


def _measure(folder: Path) -> None:
    state = folder / "old/state"
    url, blobs = f"sqlite:///{state / 'jobs.db'}", BlobStore.open(None, state / "blobs")
    place = BackupPlace(str(folder / "backups"), new=True)
    plain, _ = _timed(lambda: shutil.copytree(state, folder / "copy"))
    first, taken = _timed(lambda: asyncio.run(take_backup(url, blobs, place, _deaf)))
    size = taken.progress.size_bytes / 1e6
    again, second = _timed(lambda: asyncio.run(take_backup(url, blobs, place, _deaf)))
    read, verdict = _timed(lambda: asyncio.run(verify(place, taken.manifest, _deaf)))
    new = BlobStore.open(None, folder / "new/blobs")
    database = f"sqlite:///{folder / 'new/jobs.db'}"
    back, restored = _timed(lambda: asyncio.run(restore(place, taken.manifest, database, new, _deaf)))
    print(f"{len(taken.manifest.files)} files, {size:.1f} MB, {taken.manifest.rows} rows")  # noqa: T201
    for name, seconds in (
        ("a plain copy of the folder", plain),
        ("backup", first),
        (f"backup again ({second.progress.there} files there before)", again),
        ("verify", read),
        ("restore", back),
    ):
        print(f"{name:45} {seconds:7.2f} s {size / seconds:8.1f} MB/s {seconds / plain:6.2f} x")  # noqa: T201
    files = [*(folder / "new/blobs/sha256").glob("*/*")]
    whole = sum(key_of(file.read_bytes()) == file.name for file in files)
    faults = len(verdict.faults) + len(restored.faults)
    print(f"restored and whole: {whole} of {len(taken.manifest.files)}; faults told: {faults}")  # noqa: T201


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _deaf(_: Progress) -> None:
    return


if __name__ == "__main__":
    main()

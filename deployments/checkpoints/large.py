"""Large files of a hub repository, put where the hub's own library looks for them: it takes up none that broke off in
an earlier start, and these do."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from filelock import FileLock, Timeout

from configs.weights import Weights
from deployments.checkpoints.hashes import note_hash
from deployments.checkpoints.progress import Progress, Report
from deployments.checkpoints.transfer import Remote, download, open_store

if TYPE_CHECKING:
    from huggingface_hub import DryRunFileInfo

_LARGE = 16 * 2**20
_TOGETHER = 4
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class _Stopped(Exception):
    """Another file could not be had, or a person stopped the fetch: this one is left as it is."""


def find_large(weights: Weights, missing: Iterable[DryRunFileInfo]) -> list[Remote]:
    """Those of `missing` that are worth taking up and whose hash the hub tells. Raises what the hub's library does."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url

    found = []
    for file in missing:
        if not _LARGE <= (file.file_size or 0) <= constants.MAX_HTTP_DOWNLOAD_SIZE:
            continue
        url = hf_hub_url(weights.repo or "", file.filename, revision=file.commit_hash)
        told = get_hf_file_metadata(url, retry_on_errors=True)
        if told.size is not None and _SHA256.match(told.etag or ""):
            folder = url.removesuffix("/" + quote(file.filename))
            found.append(Remote(folder, file.filename, told.size, None, told.etag))
    return found


class LargeFiles:
    """`files`, on their way into the `cache` of the hub's library: a few at a time, each as `blobs/<its SHA-256>`."""

    def __init__(self, weights: Weights, owner: str, cache: Path, files: Sequence[Remote]) -> None:
        name = f"models--{(weights.repo or '').replace('/', '--')}"
        self._blobs, self._locks = cache / name / "blobs", cache / ".locks" / name
        self._owner, self._files = owner, files
        self._done = {file.name: self._here(file) for file in files}
        self._lock, self._stop = threading.Lock(), threading.Event()

    @property
    def here(self) -> int:
        """Bytes of them that are on this machine."""
        return sum(self._done.values())

    def fetch(self, total: int, report: Report) -> None:
        """Have them whole; `report` is told what is here of the `total` that is fetched. Raises ConfigError.

        What has come stays, whatever ends this, and the next fetch goes on from there.
        """
        self._blobs.mkdir(parents=True, exist_ok=True)
        self._locks.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(_TOGETHER, thread_name_prefix="fetch") as pool:
            running = [pool.submit(self._fetch, file, total, report) for file in self._files]
            try:
                for each in as_completed(running):
                    each.result()
            except BaseException:  # Ctrl-C included: the others end at their next chunk
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _fetch(self, file: Remote, total: int, report: Report) -> None:
        def tell(done: int) -> None:
            if self._stop.is_set():
                raise _Stopped
            with self._lock:
                self._done[file.name] = done
                report(Progress(self._owner, self.here, total))

        # The lock of the hub's library, so that its other users wait too.
        lock = FileLock(self._locks / f"{file.sha256}.lock")
        try:
            lock.acquire(cancel_check=self._stop.is_set)
        except Timeout:
            raise _Stopped from None
        try:
            found = download(open_store(file.url, _headers()), file, self._blobs, self._owner, tell)
            note_hash(self._blobs / found, found)
        finally:
            lock.release()

    def _here(self, file: Remote) -> int:
        partial = self._blobs / file.partial
        return partial.stat().st_size if partial.exists() else 0


def _headers() -> dict[str, str]:
    """Who asks; dropped where the hub sends on to another host."""
    from huggingface_hub import get_token

    token = get_token()
    return {} if token is None else {"Authorization": f"Bearer {token}"}

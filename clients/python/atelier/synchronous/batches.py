"""Written by `python -m clients.generator.synchronous` from `batches.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Unpack

from atelier.batches import BatchOptions, cancel, follow, get, listed, plan, sheet, submit, zipped
from atelier.flow import Flow, fetch, request
from atelier.models.answers import Batch as Batch
from atelier.models.answers import BatchAccepted as BatchAccepted
from atelier.models.answers import BatchPlan as BatchPlan
from atelier.pictures import Use
from atelier.retry import Retry
from atelier.session import new_key
from atelier.unpacking import room_in, unpack


class Batches:
    """The batches of a studio."""

    def __init__(self, walk: Callable[[Flow[Any]], Any], retry: Retry, patience: float) -> None:
        self._walk, self._retry, self._patience = walk, retry, patience

    def submit(self, *, idempotency_key: str | None = None, **options: Unpack[BatchOptions]) -> BatchAccepted:
        """Submit a batch and return as soon as it is accepted. Raises InvalidRows, which names every row that is wrong,
        and then nothing is started; with `skip_invalid` they are left out."""
        call = submit(options, idempotency_key or new_key())
        accepted: BatchAccepted = self._walk(request(call, self._retry))
        return accepted

    def plan(self, **options: Unpack[BatchOptions]) -> BatchPlan:
        """What `submit` would do; nothing is drawn."""
        planned: BatchPlan = self._walk(request(plan(options), self._retry))
        return planned

    def get(self, batch: Batch | BatchAccepted | str) -> Batch:
        """A batch as it stands."""
        found: Batch = self._walk(request(get(batch), self._retry))
        return found

    def all(self, page_size: int = 50) -> Iterator[Batch]:
        """Your batches, newest first; pages are fetched as they are needed."""
        before: str | None = None
        while True:
            page = self._walk(request(listed(page_size, before), self._retry))
            yield from page.batches
            if page.next is None:
                return
            before = page.next

    def cancel(self, batch: Batch | BatchAccepted | str) -> Batch:
        """Cancel what is left of a batch; finished pictures are kept."""
        found: Batch = self._walk(request(cancel(batch), self._retry))
        return found

    def wait(self, batch: Batch | BatchAccepted | str, on_change: Callable[[Batch], None] | None = None) -> Batch:
        """Follow a batch to its end and return it, whatever became of its jobs: `counts` and `failures` say.

        `on_change` is called with it every few seconds. A studio that is away is waited for, as `patience` says."""
        ended: Batch = self._walk(follow(batch, self._retry, self._patience, on_change))
        return ended

    def download(
        self,
        batch: Batch | BatchAccepted | str,
        to: str | Path,
        partial: bool = False,
        use: Use | None = None,
        leave_out: bool = False,
    ) -> Path:
        """Write a batch to the zip file `to`, with a manifest. Raises NotFinished for one that has not ended, unless
        what is finished will do (`partial`); LicenceRestricted where the licences of one picture do not allow what
        they are wanted for (`use`), unless such pictures are to be left out: the manifest says which and why."""
        path: Path = self._walk(fetch(zipped(batch, partial, use, leave_out), Path(to), self._retry))
        return path

    def sheet(self, batch: Batch | BatchAccepted | str, to: str | Path, page: int = 1, use: Use | None = None) -> Path:
        """Write the pictures of a batch that are finished so far to one PNG file, side by side, a hundred to a page.
        Raises LicenceRestricted as `download` does."""
        path: Path = self._walk(fetch(sheet(batch, page, use), Path(to), self._retry))
        return path

    def save(
        self,
        batch: Batch | BatchAccepted | str,
        folder: str | Path,
        partial: bool = False,
        use: Use | None = None,
        leave_out: bool = False,
    ) -> list[Path]:
        """Write the files of a batch and its manifest into `folder`, as `download` has them; nothing there is
        overwritten."""
        with room_in(Path(folder)) as archive:
            self.download(batch, archive, partial, use, leave_out)
            return unpack(archive, Path(folder))

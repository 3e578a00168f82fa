"""Many pictures in one call: what the studio answers of batches, and the questions, for both clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

from atelier.calls import Call, page_params, reader, segment
from atelier.errors import BadInput, RateLimited, Unavailable, Unreachable
from atelier.flow import Flow, Sleep, fetch, request
from atelier.models.answers import Batch as Batch
from atelier.models.answers import BatchAccepted as BatchAccepted
from atelier.models.answers import BatchesPage as BatchesPage
from atelier.models.answers import BatchPlan as BatchPlan
from atelier.models.answers import Counts as Counts
from atelier.models.answers import RowFailure as RowFailure
from atelier.pictures import Use, file_name
from atelier.retry import Retry
from atelier.session import new_key
from atelier.unpacking import room_in, unpack
from atelier.values import to_header, to_json, to_text

T = TypeVar("T")
_PLANNING_SECONDS = 600.0  # in which ten thousand rows are planned on a busy machine
_SHORTEST, _LONGEST = 0.5, 5.0  # seconds between looks at a batch


class BatchOptions(TypedDict, total=False):
    """What a batch is. Its rows are one of `prompts`, `rows` (what `generate` takes, each a dict with its `prompt`) and
    `file` (the path of a CSV file with a column `prompt`, or its content); each is drawn once for every combination of
    the others. `asset_types` may be `["all"]`; `loras` are settings such as `icons@0.4`."""

    prompts: Sequence[str] | None
    rows: Sequence[Mapping[str, Any]] | None
    file: str | Path | bytes | None
    name: str | None
    asset_types: Sequence[str] | None
    models: Sequence[str] | None
    qualities: Sequence[str] | None
    loras: Sequence[str] | None
    seeds: Sequence[int] | None
    skip_invalid: bool | None


class AsyncBatches:
    """The batches of a studio."""

    def __init__(self, walk: Callable[[Flow[Any]], Coroutine[Any, Any, Any]], retry: Retry, patience: float) -> None:
        self._walk, self._retry, self._patience = walk, retry, patience

    async def submit(self, *, idempotency_key: str | None = None, **options: Unpack[BatchOptions]) -> BatchAccepted:
        """Submit a batch and return as soon as it is accepted. Raises InvalidRows, which names every row that is wrong,
        and then nothing is started; with `skip_invalid` they are left out."""
        call = submit(options, idempotency_key or new_key())
        accepted: BatchAccepted = await self._walk(request(call, self._retry))
        return accepted

    async def plan(self, **options: Unpack[BatchOptions]) -> BatchPlan:
        """What `submit` would do; nothing is drawn."""
        planned: BatchPlan = await self._walk(request(plan(options), self._retry))
        return planned

    async def get(self, batch: Batch | BatchAccepted | str) -> Batch:
        """A batch as it stands."""
        found: Batch = await self._walk(request(get(batch), self._retry))
        return found

    async def all(self, page_size: int = 50) -> AsyncIterator[Batch]:
        """Your batches, newest first; pages are fetched as they are needed."""
        before: str | None = None
        while True:
            page = await self._walk(request(listed(page_size, before), self._retry))
            for batch in page.batches:
                yield batch
            if page.next is None:
                return
            before = page.next

    async def cancel(self, batch: Batch | BatchAccepted | str) -> Batch:
        """Cancel what is left of a batch; finished pictures are kept."""
        found: Batch = await self._walk(request(cancel(batch), self._retry))
        return found

    async def wait(self, batch: Batch | BatchAccepted | str, on_change: Callable[[Batch], None] | None = None) -> Batch:
        """Follow a batch to its end and return it, whatever became of its jobs: `counts` and `failures` say.

        `on_change` is called with it every few seconds. A studio that is away is waited for, as `patience` says."""
        ended: Batch = await self._walk(follow(batch, self._retry, self._patience, on_change))
        return ended

    async def download(
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
        path: Path = await self._walk(fetch(zipped(batch, partial, use, leave_out), Path(to), self._retry))
        return path

    async def sheet(
        self, batch: Batch | BatchAccepted | str, to: str | Path, page: int = 1, use: Use | None = None
    ) -> Path:
        """Write the pictures of a batch that are finished so far to one PNG file, side by side, a hundred to a page.
        Raises LicenceRestricted as `download` does."""
        path: Path = await self._walk(fetch(sheet(batch, page, use), Path(to), self._retry))
        return path

    async def save(
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
            await self.download(batch, archive, partial, use, leave_out)
            return await asyncio.to_thread(unpack, archive, Path(folder))


def submit(options: BatchOptions, key: str) -> Call[BatchAccepted]:
    headers = {"Idempotency-Key": to_header(key, "idempotency_key")}
    return _order(options, reader(BatchAccepted), headers, {})


def plan(options: BatchOptions) -> Call[BatchPlan]:
    return _order(options, reader(BatchPlan), {}, {"dry_run": True})


def get(batch: Batch | BatchAccepted | str) -> Call[Batch]:
    return Call("GET", _path(batch), reader(Batch))


def listed(limit: int, before: str | None) -> Call[BatchesPage]:
    return Call("GET", "/batches", reader(BatchesPage), params=page_params(limit, before))


def cancel(batch: Batch | BatchAccepted | str) -> Call[Batch]:
    return Call("DELETE", _path(batch), reader(Batch))


def zipped(batch: Batch | BatchAccepted | str, partial: bool, use: Use | None, leave_out: bool) -> Call[None]:
    flags = {"partial": partial, "leave_out": leave_out}
    params = _wanted(use) | {name: "true" for name, value in flags.items() if value}
    return Call("GET", f"{_path(batch)}/zip", lambda _: None, params=params)


def sheet(batch: Batch | BatchAccepted | str, page: int, use: Use | None) -> Call[None]:
    params = _wanted(use) | {"page": page}
    return Call("GET", f"{_path(batch)}/sheet", lambda _: None, params=params)


def _wanted(use: Use | None) -> dict[str, str | int]:
    return {} if use is None else {"use": to_text(use, "use")}


def follow(
    batch: Batch | BatchAccepted | str,
    retry: Retry,
    patience: float,
    on_change: Callable[[Batch], None] | None = None,
) -> Flow[Batch]:
    """Look at a batch until it has ended: more often, the sooner that will be."""
    seen = time.monotonic()
    while True:
        try:
            found = yield from request(get(batch), retry)
        except (Unreachable, Unavailable, RateLimited):
            if time.monotonic() - seen > patience:
                raise
            yield Sleep(_LONGEST)
            continue
        seen = time.monotonic()
        if on_change is not None:
            on_change(found)
        if found.ended:
            return found
        yield Sleep(min(_LONGEST, max(_SHORTEST, found.estimated_time_seconds / 20)))


def _order(
    options: BatchOptions, parse: Callable[[Any], T], headers: Mapping[str, str], extra: dict[str, Any]
) -> Call[T]:
    """Raises BadInput for what cannot be sent, naming it."""
    known = BatchOptions.__annotations__
    for name in options:
        if name not in known:
            raise BadInput(f"{name} is no field of a batch; the fields are {', '.join(known)}")
    given = {name: value for name, value in options.items() if value is not None}
    kinds = [name for name in ("prompts", "rows", "file") if name in given]
    if len(kinds) != 1:
        raise BadInput(f"prompts: give one of prompts, rows and file{', not ' + ' and '.join(kinds) if kinds else ''}")
    for name in ("prompts", "asset_types", "models", "qualities", "loras"):
        if isinstance(given.get(name), str):
            raise BadInput(f"{name}: give a list of texts, as ['{given[name]}']")
    file = given.pop("file", None)
    body = {name: to_json(value, name) for name, value in (given | extra).items()}
    if file is None:
        return Call("POST", "/batches", parse, body=body, headers=headers, patience=_PLANNING_SECONDS)
    if not isinstance(file, str | Path | bytes):
        raise BadInput("file: give the path of a CSV file, or its content as bytes")
    files = {"file": (file_name(file), file if isinstance(file, bytes) else Path(file))}
    form = {name: str(value).lower() if isinstance(value, bool) else value for name, value in body.items()}
    return Call("POST", "/batches", parse, headers=headers, files=files, form=form, patience=_PLANNING_SECONDS)


def _path(batch: Batch | BatchAccepted | str) -> str:
    id = batch.batch_id if isinstance(batch, Batch | BatchAccepted) else batch
    if not isinstance(id, str) or not id.strip("."):
        raise BadInput("batch: give a batch, what `submit` returned, or a batch's id")
    return f"/batches/{segment(id)}"

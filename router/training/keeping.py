"""What a training has brought to the file store, as rows of its job: where it goes on, and what a person may choose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from deployments.trainings import CheckpointFiles
from router.jobs.model import Lease, StageOutput
from router.jobs.outputs import RESULT
from router.jobs.store import JobStore

T = TypeVar("T")


class Outlasts(Protocol):
    """Tries what it is given until the database is there."""

    async def __call__(self, work: Callable[[], Awaitable[T]]) -> T: ...


CHECKPOINT = "checkpoint"
_GOES_ON, _ADAPTERS, _SHEET, _SAMPLES = 0, 1, 9_999_999, 10_000_000
"""Places of a job's outputs: what it goes on from, then adapters by step, the sheet of all, then samples."""
_MOST_SAMPLES = 16


class Keeping:
    """Of one training under its lease. The row of an adapter is written before that of its checkpoint: what is gone on
    from can always be chosen, too."""

    def __init__(self, store: JobStore, lease: Lease, outlast: Outlasts) -> None:
        self._store, self._lease, self._outlast = store, lease, outlast

    async def recall(self) -> tuple[CheckpointFiles | None, dict[int, str]]:
        """The checkpoint to go on from, and the adapters so far, by step."""
        found = await self._outlast(lambda: self._store.outputs(self._lease.job.id))
        newest = next((one for one in found if one.kind == CHECKPOINT), None)
        adapters = {one.position: one.sha256 for one in found if _ADAPTERS <= one.index < _SHEET}
        if newest is None:
            return None, {}
        files = CheckpointFiles(step=newest.position, adapter=newest.weights, rest=newest.sha256)
        return files, {step: sha256 for step, sha256 in adapters.items() if step <= files.step}

    async def keep(self, files: CheckpointFiles) -> None:
        """In place of the checkpoint before. Raises `NotFound` where a file has been swept meanwhile."""
        await self._write(_ADAPTERS + files.step, files.step, RESULT, files.adapter)
        await self._write(_GOES_ON, files.step, CHECKPOINT, files.rest, files.adapter)

    async def keep_samples(self, step: int, sha256: Sequence[str]) -> None:
        """Pictures that were drawn after a step."""
        for i, one in enumerate(sha256[:_MOST_SAMPLES]):
            await self._write(_SAMPLES + step * _MOST_SAMPLES + i, step, RESULT, one)

    async def keep_sheet(self, sha256: str) -> None:
        """The picture in which all checkpoints are compared."""
        await self._write(_SHEET, 0, RESULT, sha256)

    async def _write(self, index: int, step: int, kind: str, sha256: str, weights: str = "") -> None:
        output = StageOutput(index, step, kind, sha256, {}, (), weights)
        await self._outlast(lambda: self._store.keep_output(self._lease, output))

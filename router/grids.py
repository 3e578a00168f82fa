"""The comparison grid of a job: which of its pictures are on the sheet, in which order, and what is said of each."""

from __future__ import annotations

from contextlib import aclosing

from configs.errors import NotFound, StageUnavailable
from configs.formats import Format
from deployments.messages import Done, FinishedFile
from deployments.stages.grid import Cell as Cell
from deployments.stages.grid import GridFormat as GridFormat
from deployments.stages.grid import GridRequest as GridRequest
from deployments.stages.pixels import FINISHER
from router.jobs.model import ImageRecord, Job
from router.replicas import Replicas
from router.sorting import sort_by

_READABLE: tuple[Format, ...] = ("png", "webp")


def lay_out(job: Job, format: GridFormat, sort: str | None) -> GridRequest:
    """The sheet of the pictures that are finished so far. Raises `NotFound` where there is none that can be shown, and
    `UnknownName` for a score that none has."""
    model = "" if job.readable_plan is None else job.readable_plan.base.model
    prompt = "" if job.readable_plan is None else job.readable_plan.prompt
    cells = []
    for image in sort_by(job.images, sort):
        if (sha256 := shown_file(image)) is not None:
            cells.append(Cell(sha256, _lines(image, model)))
    if not cells:
        raise NotFound(f"job {job.id} has no picture as {' or '.join(_READABLE)} yet that could be laid out")
    return GridRequest(prompt or job.id, tuple(cells), format)


def shown_file(image: ImageRecord) -> str | None:
    """The hash of the file that shows a picture on a sheet; None where it has none that can be read."""
    readable = {file.format: file.sha256 for file in image.files if file.format in _READABLE}
    return readable.get("png") or readable.get("webp")


async def draw_sheet(replicas: Replicas, request: GridRequest) -> FinishedFile:
    """The sheet, in the file store for a while. Raises `StageUnavailable` and `StageError`."""
    async with aclosing(replicas.run(FINISHER, request)) as answers:
        async for answer in answers:
            if isinstance(answer, Done):
                return answer.files[0]
    raise StageUnavailable(f"{FINISHER} did not answer")


def _lines(image: ImageRecord, model: str) -> tuple[str, ...]:
    scores = tuple(f"{name} {value:g}" for name, value in image.scores.items())
    return (f"{image.index + 1}  seed {image.seed}", model, *scores)

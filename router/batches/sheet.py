"""A batch on one sheet: its pictures in the order of its rows, each with what tells it from the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from configs.errors import NotFound
from router.batches.model import Batch
from router.batches.order import BatchSweep
from router.batches.store import BatchStore
from router.grids import Cell, GridFormat, GridRequest, shown_file
from router.jobs.model import ImageRecord, Job

PICTURES_PER_SHEET = 100
_MOST_COLUMNS = 10


async def lay_out_batch(
    batches: BatchStore, batch: Batch, format: GridFormat, page: int
) -> tuple[GridRequest, Sequence[tuple[Job, ImageRecord]]]:
    """Sheet number `page` (from 1) of the pictures that are finished so far, and which they are; a row of it is a row
    of the batch, where that was swept. Raises `NotFound` where there is none that can be shown."""
    first = (page - 1) * PICTURES_PER_SHEET
    found: list[tuple[Job, ImageRecord, str]] = []
    seen = 0
    async for job, image, sha256 in _shown(batches, batch.id):
        seen += 1
        if seen > first:
            found.append((job, image, sha256))
        if len(found) == PICTURES_PER_SHEET:
            break
    if not found:
        of_page = "" if page == 1 else f" for sheet {page}"
        raise NotFound(f"{batch.id} has no picture as png or webp yet{of_page} that could be laid out")
    facts = [_facts(job, image) for job, image, _ in found]
    differing = [len(set(values)) > 1 for values in zip(*facts, strict=True)]
    cells = tuple(
        Cell(sha256, (_title(job), ", ".join(fact for fact, differs in zip(said, differing, strict=True) if differs)))
        for (job, _, sha256), said in zip(found, facts, strict=True)
    )
    laid = GridRequest(batch.name or batch.id, cells, format, _columns(batch))
    return laid, [(job, image) for job, image, _ in found]


async def _shown(batches: BatchStore, batch_id: str) -> AsyncIterator[tuple[Job, ImageRecord, str]]:
    async for job in batches.all_jobs(batch_id):
        for image in job.images:
            if (sha256 := shown_file(image)) is not None:
                yield job, image, sha256


def _title(job: Job) -> str:
    prompt = str(job.request.get("prompt", "")) if job.readable_plan is None else job.plan.prompt
    return f"{job.line}  {prompt}"


def _facts(job: Job, image: ImageRecord) -> Sequence[str]:
    """All that a batch may be swept over, of one picture."""
    seed = f"seed {image.seed}"
    if job.readable_plan is None:
        return "", "", "", "", seed
    base = job.plan.base
    loras = " ".join(f"{one.lora}@{one.strength:g}" for one in base.all_loras)
    return job.plan.asset_type, base.model, job.plan.quality, loras or "no LoRA", seed


def _columns(batch: Batch) -> int:
    """As many as a row was swept over, so that a row of the sheet is one of the batch; 0 leaves it open."""
    sweep = BatchSweep.model_validate({key: batch.asked[key] for key in BatchSweep.model_fields if key in batch.asked})
    swept = batch.jobs / batch.lines
    is_swept = bool(sweep.axes(("all",))) and swept.is_integer()
    return int(swept) if is_swept and 1 < swept <= _MOST_COLUMNS else 0

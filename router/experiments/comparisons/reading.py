"""A comparison as it stands: its batch's jobs, by prompt and way, with what was picked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from configs.errors import NotFound, Withheld
from router.batches.model import Batch
from router.experiments.comparisons.model import KEY, Compared, Comparison, Row, Side
from router.jobs.model import Job
from router.people.viewer import Viewer
from router.studio import Studio

LETTERS = "ABCDEFGH"


async def read_comparison(studio: Studio, viewer: Viewer, batch_id: str) -> Comparison:
    """Raises `NotFound` for what is no comparison that `viewer` sees."""
    try:
        batch = await studio.batches.batch(viewer, batch_id)
    except NotFound:
        raise NotFound(f"There is no comparison {batch_id}", "comparison_id") from None
    compared = _compared(batch)
    jobs = [job async for job in studio.batches.all_jobs(batch.id)]
    picks = await studio.picks.picks(batch.id)
    return Comparison(batch, compared, _rows(compared, jobs, picks))


async def is_veiled(studio: Studio, viewer: Viewer, batch: Batch) -> bool:
    """Whether it is a blind comparison whose sides are not named yet: its jobs would say which way drew each."""
    if KEY not in batch.asked or not _compared(batch).blind:
        return False
    return not (await read_comparison(studio, viewer, batch.id)).revealed


async def check_revealed(studio: Studio, viewer: Viewer, batch: Batch) -> None:
    """Raises `Withheld` for what is veiled."""
    if await is_veiled(studio, viewer, batch):
        raise Withheld(
            f"{batch.id} is a blind comparison, and its jobs would tell which side is which: say of each prompt which "
            f"is best first (POST /compare/{batch.id}/pick)"
        )


def _compared(batch: Batch) -> Compared:
    said = batch.asked.get(KEY)
    try:
        return Compared.model_validate(said)
    except ValidationError:
        raise NotFound(f"{batch.id} is no comparison", "comparison_id") from None


def _rows(compared: Compared, jobs: Sequence[Job], picks: Mapping[int, str | None]) -> tuple[Row, ...]:
    drawn: dict[tuple[int, str], list[Job]] = defaultdict(list)
    for place, job in enumerate(jobs):
        way = compared.ways[place % len(compared.ways)].id  # a line's jobs are in the order of the ways
        drawn[compared.prompt_of(job.line), way].append(job)
    rows = []
    for number, prompt in enumerate(compared.prompts):
        sides = [(way.id, tuple(drawn[number, way.id])) for way in compared.ways]
        if compared.blind:
            sides.sort(key=lambda side: _shuffled(side[1]))
        shown = tuple(Side(way, letter, its) for (way, its), letter in zip(sides, LETTERS, strict=False))
        rows.append(Row(number, prompt, shown, number in picks, picks.get(number)))
    return tuple(rows)


def _shuffled(jobs: Sequence[Job]) -> str:
    """An order that stays, and that follows from nothing which is known before: ids are partly random."""
    return hashlib.sha256("/".join(job.id for job in jobs).encode()).hexdigest()

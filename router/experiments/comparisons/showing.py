"""What a comparison shows: pictures drawn anew while it is blind, what is picked, and all of it on one sheet."""

from __future__ import annotations

import asyncio

from configs.errors import InvalidRequest, NotFinished, NotFound, StateConflict
from configs.schema import Size
from deployments.blobs.store import BlobStore
from router.experiments.ballots.pictures import encode_alike
from router.experiments.comparisons.model import NONE_BETTER, Comparison, Row, Side
from router.grids import Cell, GridFormat, GridRequest, shown_file
from router.pictures.opening import cover, open_stored
from router.studio import Studio

PICTURES_PER_SHEET = 100


async def draw_blind(blobs: BlobStore, comparison: Comparison, number: int, letter: str, place: int) -> bytes:
    """Picture `place` of a side as WebP, of the size and the number of bytes of those beside it, and nothing in it but
    pixels. Raises `NotFound`, and `NotFinished` while its prompt is being drawn."""
    row = _row(comparison, number)
    if not row.ended:
        raise NotFinished("the pictures of a prompt are shown together, once all are drawn")
    beside = [side for side in row.sides if _hash(side, place) is not None]
    wanted = [index for index, side in enumerate(beside) if side.letter == letter]
    if not wanted:
        raise NotFound(f"there is no picture {letter[:8]} {place} of prompt {number}")
    files = [await blobs.get(_hash(side, place) or "") for side in beside]
    return (await asyncio.to_thread(_alike, files))[wanted[0]]


async def pick(studio: Studio, comparison: Comparison, number: int, label: str) -> None:
    """Note which side is best: its label, or none. Raises `StateConflict` once sides have been revealed."""
    row = _row(comparison, number)
    if comparison.compared.blind and comparison.revealed:
        raise StateConflict("the sides have been named, so that a choice would not be blind any more")
    if not row.ended:
        raise NotFinished(f"prompt {number} is still being drawn: look at all of its sides first")
    side, known = row.side(label), _labels(comparison, row)
    if label != NONE_BETTER and (side is None or label not in known):
        message = f"there is no side '{label[:64]}'; there are {', '.join(known)}, and {NONE_BETTER}"
        raise InvalidRequest(message, "choice", (*known, NONE_BETTER))
    await studio.picks.pick(comparison.batch.id, number, None if side is None else side.way)


async def unveil(studio: Studio, comparison: Comparison) -> None:
    """Let what a blind comparison has drawn be found as other pictures are, once its sides are named."""
    if comparison.compared.blind and comparison.revealed:
        await studio.picks.unveil(comparison.batch.id, comparison.batch.owner)


def lay_out_sides(comparison: Comparison, format: GridFormat, page: int) -> GridRequest:
    """Sheet number `page` (from 1): a row for each seed of a prompt, a column for each side. Raises `NotFound` where
    there is no picture yet."""
    named, cells = comparison.revealed, list[Cell]()
    for row in comparison.rows:
        if named or row.ended:
            cells += _cells(row, comparison.compared.seeds, named)
    width = len(comparison.compared.ways)
    each = PICTURES_PER_SHEET // width * width
    shown = cells[(page - 1) * each : page * each]
    if not shown:
        raise NotFound(f"{comparison.batch.id} has no picture yet that could be laid out")
    return GridRequest(comparison.batch.name or _title(comparison), tuple(shown), format, width)


def _cells(row: Row, seeds: int, named: bool) -> list[Cell]:
    """Seed after seed, where every side has a picture: a gap would move all that follows."""
    cells = []
    for place in range(seeds):
        line = [(side, _hash(side, place)) for side in row.sides]
        if all(sha256 is not None for _, sha256 in line):
            cells += [
                Cell(sha256 or "", (side.way if named else side.letter, f"{row.number + 1}  {row.prompt.prompt}"))
                for side, sha256 in line
            ]
    return cells


def _title(comparison: Comparison) -> str:
    prompts = comparison.compared.prompts
    return prompts[0].prompt if len(prompts) == 1 else f"{len(prompts)} prompts"


def _labels(comparison: Comparison, row: Row) -> tuple[str, ...]:
    blind = comparison.compared.blind
    return tuple(side.letter if blind else side.way for side in row.sides)


def _row(comparison: Comparison, number: int) -> Row:
    if not 0 <= number < len(comparison.rows):
        raise NotFound(f"there is no prompt {number}; they are 0 to {len(comparison.rows) - 1}", "prompt")
    return comparison.rows[number]


def _hash(side: Side, place: int) -> str | None:
    """The file of a side's picture of a seed; None where it has none."""
    job = side.jobs[place] if 0 <= place < len(side.jobs) else None
    return shown_file(job.images[0]) if job is not None and job.images else None


def _alike(files: list[bytes]) -> tuple[bytes, ...]:
    images = [open_stored(file) for file in files]
    if any(image.mode == "RGBA" for image in images):
        images = [image.convert("RGBA") for image in images]
    smallest = Size(width=min(one.width for one in images), height=min(one.height for one in images))
    return encode_alike([cover(image, smallest) for image in images])

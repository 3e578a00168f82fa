"""Bodies of the routes of comparisons."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from configs.frozen import Frozen
from router.api.batches.batch_schemas import BatchCounts
from router.api.bodies import image_body
from router.api.library.licence_schemas import LicenceBody
from router.api.links import link
from router.batches.model import BatchStatus
from router.experiments.comparisons.model import NONE_BETTER, Comparison, Row, Side


class ComparePlan(Frozen):
    """The answer to `dry_run`: what would be drawn."""

    prompts: int
    ways: tuple[str, ...]
    pictures: int
    estimated_time_seconds: float


class CompareAccepted(Frozen):
    """A comparison is accepted: it is a batch of this id, with its progress, its zip file and its cancel."""

    comparison_id: str
    prompts: int
    pictures: int
    labels: tuple[str, ...] = Field(description="of the sides: what was compared, or letters where it is blind")
    estimated_time_seconds: float = Field(description="until the last picture, waiting included")


class ComparedPicture(Frozen):
    """A picture of a side. Where the sides are not named, nothing tells where it comes from."""

    url: str
    seed: int
    width: int | None = None
    height: int | None = None
    asset_id: str | None = None
    job_id: str | None = None
    licence: LicenceBody | None = Field(default=None, description="what it may be used for now")


class ComparedSide(Frozen):
    """What one way has drawn of a prompt, seed after seed. `failed` are pictures that there will not be."""

    label: str
    way: str | None = Field(default=None, description="absent while the comparison is blind")
    model: str | None = None
    pictures: tuple[ComparedPicture, ...] = ()
    failed: int = 0


class ComparedRow(Frozen):
    """A prompt with all of its sides. Blind, they are shown together, once all are drawn."""

    prompt: int = Field(description="its number, from 0")
    text: str
    asset_type: str
    sides: tuple[ComparedSide, ...]
    picked: str | None = Field(default=None, description="the label that was picked, or none")


class ComparisonBody(Frozen):
    """A comparison as it stands."""

    comparison_id: str
    name: str = ""
    status: BatchStatus
    progress: float
    counts: BatchCounts
    blind: bool
    revealed: bool
    labels: tuple[str, ...]
    prompts: tuple[ComparedRow, ...]
    picks: dict[str, int] = Field(description="how often each was picked, once sides are named")


class SidePickBody(Frozen):
    """Which side of a prompt is best."""

    prompt: int = Field(default=0, ge=0, le=100_000, description="its number, from 0")
    choice: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description=f"a side's label, or {NONE_BETTER} where no side is better", examples=["A"]
    )


def comparison_body(request: Request, comparison: Comparison) -> ComparisonBody:
    """A comparison as it is answered."""
    batch, named = comparison.batch, comparison.revealed
    return ComparisonBody(
        comparison_id=batch.id,
        name=batch.name,
        status=batch.status,
        progress=batch.progress,
        counts=BatchCounts(**{status.value: share.jobs for status, share in batch.shares.items()}),
        blind=comparison.compared.blind,
        revealed=named,
        labels=labels_of(comparison),
        prompts=tuple(_row(request, comparison, row) for row in comparison.rows),
        picks=dict(comparison.picks) if named else {},
    )


def labels_of(comparison: Comparison) -> tuple[str, ...]:
    """Of the sides of any prompt: letters, where it is blind."""
    blind = comparison.compared.blind
    return tuple(sorted(side.letter if blind else side.way for side in comparison.rows[0].sides))


def _row(request: Request, comparison: Comparison, row: Row) -> ComparedRow:
    blind, named = comparison.compared.blind, comparison.revealed
    picked = None
    if row.picked:
        side = None if row.choice is None else row.side(row.choice)
        picked = NONE_BETTER if side is None else side.letter if blind else side.way
    return ComparedRow(
        prompt=row.number,
        text=row.prompt.prompt,
        asset_type=row.prompt.asset_type,
        sides=tuple(
            _named(request, side, blind) if named else _veiled(request, comparison, row, side) for side in row.sides
        ),
        picked=picked,
    )


def _named(request: Request, side: Side, blind: bool) -> ComparedSide:
    pictures = []
    for job, image in side.pictures:
        told = image_body(request, job.id, image)
        size = {"width": image.width, "height": image.height}
        pictures.append(
            ComparedPicture(
                url=told.url, seed=image.seed, asset_id=image.asset_id, job_id=job.id, licence=told.licence, **size
            )
        )
    plan = side.jobs[0].readable_plan if side.jobs else None
    model = None if plan is None else plan.base.model
    label = side.letter if blind else side.way
    return ComparedSide(label=label, way=side.way, model=model, pictures=tuple(pictures), failed=_failed(side))


def _veiled(request: Request, comparison: Comparison, row: Row, side: Side) -> ComparedSide:
    if not row.ended:
        return ComparedSide(label=side.letter)
    pictures = tuple(
        ComparedPicture(url=_blind_url(request, comparison, row, side, place), seed=job.images[0].seed)
        for place, job in enumerate(side.jobs)
        if job.images
    )
    return ComparedSide(label=side.letter, pictures=pictures, failed=_failed(side))


def _blind_url(request: Request, comparison: Comparison, row: Row, side: Side, place: int) -> str:
    parts = {"comparison_id": comparison.batch.id, "prompt": row.number, "letter": side.letter, "place": place}
    return str(link(request, "read_blind_picture", **parts))


def _failed(side: Side) -> int:
    return sum(job.status.ended and not job.images for job in side.jobs)

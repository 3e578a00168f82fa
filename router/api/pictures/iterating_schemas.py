"""Bodies of the calls that go on from finished pictures, and of lineages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import Field

from configs.frozen import Frozen
from router.api.links import link
from router.iterating.lineage import Lineage, Step
from router.iterating.wishes import FinishWish, LikeWish, RegenerateWish, TweakWish
from router.jobs.model import JobStatus


class DryRun(Frozen):
    """What may be asked of every order."""

    dry_run: bool = Field(default=False, description="Answer 200 with the plan and do nothing")


class RegenerateBody(RegenerateWish, DryRun):
    """More of a job."""


class LikeBody(LikeWish, DryRun):
    """More like a picture."""


class TweakBody(TweakWish, DryRun):
    """Other words for a picture."""


class FinishBody(FinishWish, DryRun):
    """A draft, to be finished."""


class LineageLine(Frozen):
    """One step from a job to the next: `job_id` was made from `parent`, by `call`.

    Of an ancestor the job's fields are those of `parent_job`, of a descendant those of `job_id`; without them it is an
    upload, or gone.
    """

    depth: int = Field(description="generations away")
    call: str = Field(description="regenerate, like, tweak, finish; or the role of a picture: image, reference …")
    job_id: str = Field(description="that was made")
    parent: str = Field(description="what it was made from: JOB_ID, JOB_ID/INDEX, or the `picture_id` of an upload")
    parent_job: str | None = None
    deleted: bool = Field(default=False, description="what it was made from is not there any more")
    status: JobStatus | None = None
    prompt: str = ""
    asset_type: str = ""
    quality: str = ""
    seeds: tuple[int, ...] = Field(default=(), description="of its finished pictures")
    created_at: datetime | None = None
    url: str | None = Field(default=None, description="of the job")


class LineageBody(Frozen):
    """Nearest first. `is_whole` says whether nothing was cut off: more generations may be asked for with `depth`."""

    ancestors: tuple[LineageLine, ...]
    descendants: tuple[LineageLine, ...]
    is_whole: bool


def lineage_body(request: Request, lineage: Lineage) -> LineageBody:
    """With absolute links to the jobs."""
    return LineageBody(
        ancestors=_lines(request, lineage.ancestors),
        descendants=_lines(request, lineage.descendants),
        is_whole=lineage.is_whole,
    )


def _lines(request: Request, steps: Sequence[Step]) -> tuple[LineageLine, ...]:
    return tuple(_line(request, step) for step in steps)


def _line(request: Request, step: Step) -> LineageLine:
    kin, brief = step.kin, step.brief
    told: dict[str, Any] = {}
    if brief is not None:
        said = {name: str(brief.request.get(name) or "") for name in ("prompt", "asset_type", "quality")}
        url = str(link(request, "read_job", job_id=brief.id))
        told = {**said, "status": brief.status, "seeds": brief.seeds, "created_at": brief.created_at, "url": url}
    if kin.parent_job is None:
        parent = kin.parent_asset or ""
    else:
        parent = kin.parent_job if kin.parent_index is None else f"{kin.parent_job}/{kin.parent_index}"
    return LineageLine(
        depth=step.depth,
        call=kin.call,
        job_id=kin.job_id,
        parent=parent,
        parent_job=kin.parent_job,
        deleted=not kin.is_there or (kin.parent_job is not None and brief is None),
        **told,
    )

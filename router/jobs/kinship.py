"""Who descends from whom, over jobs: statements, and their rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, Text, bindparam, case, cast, func, literal_column, or_, select

from router.assets.tables import asset_parents, assets
from router.jobs.documents import REQUEST, read_or
from router.jobs.model import JobBrief, JobStatus, Kin
from router.jobs.tables import job_origins, jobs
from router.people.viewer import Viewer
from router.storage.database import AnyRow

_JOBS: BindParameter[str] = bindparam("job_ids", expanding=True)
_ASSETS: BindParameter[str] = bindparam("asset_ids", expanding=True)
_PARENT = assets.alias("parent")
_FOUND = case((_PARENT.c.deleted_at.is_(None), _PARENT.c.id)).label("found")

_ORIGIN = (
    select(
        jobs.c.owner,
        jobs.c.space,
        job_origins.c.job_id,
        job_origins.c.call,
        job_origins.c.parent_id.label("parent_job"),
        job_origins.c.parent_index,
        job_origins.c.parent_asset,
        _FOUND,
    )
    .join(jobs, jobs.c.id == job_origins.c.job_id)
    .outerjoin(_PARENT, _PARENT.c.id == job_origins.c.parent_asset)
)
ORIGINS = _ORIGIN.where(job_origins.c.job_id.in_(_JOBS))
DESCENDANTS = _ORIGIN.where(or_(job_origins.c.parent_id.in_(_JOBS), job_origins.c.parent_asset.in_(_ASSETS)))

_MADE_FROM = (
    select(
        assets.c.owner,
        assets.c.space,
        assets.c.job_id,
        asset_parents.c.role.label("call"),
        _PARENT.c.job_id.label("parent_job"),
        _PARENT.c.idx.label("parent_index"),
        asset_parents.c.parent_id.label("parent_asset"),
        _FOUND,
    )
    .join(asset_parents, asset_parents.c.asset_id == assets.c.id)
    .outerjoin(_PARENT, _PARENT.c.id == asset_parents.c.parent_id)
    .where(assets.c.job_id.is_not(None))
    .distinct()
)
PARENTS = _MADE_FROM.where(assets.c.job_id.in_(_JOBS))
CHILDREN = _MADE_FROM.where(or_(_PARENT.c.job_id.in_(_JOBS), asset_parents.c.parent_id.in_(_ASSETS)))

BRIEFS = (
    select(
        jobs.c.id,
        jobs.c.owner,
        jobs.c.space,
        jobs.c.status,
        jobs.c.request,
        jobs.c.created_at,
        func.aggregate_strings(
            cast(assets.c.seed, Text),
            literal_column("' '", Text),  # type: ignore[arg-type]  # any expression is taken
        ).label("seeds"),
    )
    .outerjoin(assets, assets.c.job_id == jobs.c.id)
    .where(jobs.c.id.in_(_JOBS))
    .group_by(jobs.c.id)
)


def read_kin(viewer: Viewer, *found: Sequence[AnyRow]) -> tuple[Kin, ...]:
    """What `viewer` sees, each line once: a picture that a job goes on from is also one that it was made from."""
    lines: dict[tuple[str, str | None, str | None], Kin] = {}
    for row in (row for rows in found for row in rows if viewer.sees(row)):
        gone = row.parent_asset is not None and row.found is None
        line = Kin(row.job_id, row.call, row.parent_job, row.parent_index, row.parent_asset, not gone)
        lines.setdefault((line.job_id, line.parent_job, line.parent_asset), line)
    return tuple(lines.values())


def read_briefs(viewer: Viewer, rows: Sequence[AnyRow]) -> tuple[JobBrief, ...]:
    return tuple(
        JobBrief(
            row.id,
            JobStatus(row.status),
            read_or(REQUEST, row.request, {}, f"job {row.id}"),
            tuple(int(seed) for seed in (row.seeds or "").split()),
            row.created_at,
        )
        for row in rows
        if viewer.sees(row)
    )

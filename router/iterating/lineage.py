"""The lineage of a job: what it comes from and what came of it, a line for each, nearest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from configs.errors import NotFound
from router.jobs.model import JobBrief, Kin
from router.jobs.store import JobStore
from router.people.viewer import Viewer

MOST_LINES = 500
"""Each way: a lineage that is longer is cut off, and says so."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line, `depth` generations away. `brief` is the job that it leads to: the one before of an ancestor, the one
    after of a descendant; absent for uploads, and for what is gone."""

    depth: int
    kin: Kin
    brief: JobBrief | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """`is_whole` says whether nothing was cut off."""

    ancestors: tuple[Step, ...]
    descendants: tuple[Step, ...]
    is_whole: bool


async def trace(store: JobStore, viewer: Viewer, job_id: str, depth: int) -> Lineage:
    """Of a job, as far as `depth` generations. Raises `NotFound` for one that is not there, or of others."""
    if not await store.briefs(viewer, [job_id]):
        raise NotFound(f"There is no job {job_id}")
    before, after = await store.kin_before(viewer, [job_id]), await store.kin_after(viewer, [job_id])
    return await _follow(store, viewer, before, after, depth)


async def trace_picture(store: JobStore, viewer: Viewer, asset_id: str, depth: int) -> Lineage:
    """Of a picture, drawn or uploaded. Raises `NotFound`."""
    asset = await store.asset(viewer, asset_id)
    before = () if asset.place is None else await store.kin_before(viewer, [asset.place[0]])
    after = await store.kin_after(viewer, [], [asset_id])
    return await _follow(store, viewer, before, after, depth)


async def _follow(
    store: JobStore, viewer: Viewer, before: tuple[Kin, ...], after: tuple[Kin, ...], depth: int
) -> Lineage:
    """Both ways, from their first lines on."""
    up, up_whole = await _walk(before, partial(store.kin_before, viewer), lambda kin: kin.parent_job, depth)
    down, down_whole = await _walk(after, partial(store.kin_after, viewer), lambda kin: kin.job_id, depth)
    ids = [kin.parent_job for _, kin in up if kin.parent_job] + [kin.job_id for _, kin in down]
    briefs = {brief.id: brief for brief in await store.briefs(viewer, list(dict.fromkeys(ids)))}
    return Lineage(
        ancestors=tuple(Step(depth, kin, briefs.get(kin.parent_job or "")) for depth, kin in up),
        descendants=tuple(Step(depth, kin, briefs.get(kin.job_id)) for depth, kin in down),
        is_whole=up_whole and down_whole,
    )


async def _walk(
    lines: tuple[Kin, ...],
    following: Callable[[Sequence[str]], Awaitable[tuple[Kin, ...]]],
    lead: Callable[[Kin], str | None],
    depth: int,
) -> tuple[list[tuple[int, Kin]], bool]:
    """Lines with their generation, and whether they are all. Each job is followed once."""
    found: list[tuple[int, Kin]] = []
    seen: set[str] = set()
    for generation in range(1, depth + 1):
        found += [(generation, kin) for kin in lines]
        if len(found) > MOST_LINES:
            return found[:MOST_LINES], False
        ids = [id for id in dict.fromkeys(map(lead, lines)) if id is not None and id not in seen]
        seen.update(ids)
        lines = await following(ids) if ids else ()
        if not lines:
            return found, True
    return found, False

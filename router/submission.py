"""From a wish to an accepted job: plan, licence, quota, and one transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from configs.errors import TooBusy
from router.ids import new_job_id
from router.jobs.model import Backlog, IdempotencyKey, Job, LicenceVerdict, NewJob
from router.licences import judge_licences
from router.pictures.marking import look_at_mask
from router.pictures.names import find_pictures
from router.plan import Plan
from router.planning import make_plan
from router.studio import Studio
from router.wish import Wish


@dataclass(frozen=True)
class Preview:
    """What a wish would become. `estimated_seconds` includes the work that waits ahead of it, and loading the model."""

    plan: Plan
    licence: LicenceVerdict
    estimated_seconds: float


async def preview(studio: Studio, owner: str, wish: Wish) -> Preview:
    """Plan a wish without accepting it. Raises `InvalidRequest`, `UnknownName` and `MissingAsset`."""
    return await _preview(studio, owner, wish, await studio.store.backlog(owner))


@dataclass(frozen=True)
class Accepted:
    """A job, and whether it `is_new` or came with the same key before; `estimated_seconds` as in `Preview`, of the wish
    that came now."""

    job: Job
    is_new: bool
    estimated_seconds: float


async def submit(studio: Studio, owner: str, wish: Wish, key: IdempotencyKey | None) -> Accepted:
    """Accept a wish as a job. A `key` that was taken meanwhile, with the same body, gives the first job again.

    Raises `InvalidRequest`, `UnknownName`, `MissingAsset`, `IdempotencyConflict`, and `TooBusy` when the owner has too
    much waiting.
    """
    waiting = await studio.store.backlog(owner)
    limit = studio.installation.profile.limits.max_queued_jobs_per_owner
    if waiting.own_jobs >= limit:
        raise TooBusy(f"{limit} of your jobs are waiting already; try again when some are done")
    seen = await _preview(studio, owner, wish, waiting)
    job = NewJob(
        id=new_job_id(),
        owner=owner,
        request=wish.model_dump(mode="json", exclude_none=True),
        plan=seen.plan,
        licence=seen.licence,
    )
    accepted, is_new = await studio.store.submit(job, key)
    return Accepted(accepted, is_new, seen.estimated_seconds)


async def _preview(studio: Studio, owner: str, wish: Wish, waiting: Backlog) -> Preview:
    found = await look_at_mask(studio.blobs, wish, await find_pictures(studio.store, owner, wish))
    plan = make_plan(wish, studio.installation, studio.rates, secrets.randbits(32), found)
    drawn_here = [one.licence for one in found.values() if one.licence is not None]
    licence = judge_licences(plan, studio.installation.catalog, drawn_here)
    loading = await studio.stages.cold_start(plan.base.deployment)
    return Preview(plan, licence, loading + waiting.seconds + plan.estimated_seconds)

"""From a wish to an accepted job: plan, licence, quota, and one transaction."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from configs.errors import TooBusy
from router.ids import new_job_id
from router.jobs.model import Backlog, IdempotencyKey, Job, LicenceVerdict, NewJob
from router.licences import judge_licences
from router.plan import Plan
from router.planning import make_plan
from router.studio import Studio
from router.wish import Wish


@dataclass(frozen=True)
class Preview:
    """What a wish would become. `estimated_seconds` includes the work that waits ahead of it."""

    plan: Plan
    licence: LicenceVerdict
    estimated_seconds: float


async def preview(studio: Studio, owner: str, wish: Wish) -> Preview:
    """Plan a wish without accepting it. Raises `InvalidRequest` and `UnknownName`."""
    return _preview(studio, wish, await studio.store.backlog(owner))


async def submit(studio: Studio, owner: str, wish: Wish, key: str | None) -> tuple[Job, Preview]:
    """Accept a wish as a job. The same `key` with the same wish gives the first job again.

    Raises `InvalidRequest`, `UnknownName`, `IdempotencyConflict`, and `TooBusy` when the owner has too much waiting.
    """
    waiting = await studio.store.backlog(owner)
    limit = studio.installation.profile.limits.max_queued_jobs_per_owner
    if waiting.own_jobs >= limit:
        raise TooBusy(f"{limit} of your jobs are waiting already; try again when some are done")
    seen = _preview(studio, wish, waiting)
    job = NewJob(
        id=new_job_id(),
        owner=owner,
        request=wish.model_dump(mode="json", exclude_none=True),
        plan=seen.plan,
        licence=seen.licence,
    )
    body = hashlib.sha256(wish.model_dump_json().encode()).hexdigest()
    accepted, _ = await studio.store.submit(job, None if key is None else IdempotencyKey(key, body))
    return accepted, seen


def _preview(studio: Studio, wish: Wish, waiting: Backlog) -> Preview:
    plan = make_plan(wish, studio.installation, studio.rates, first_seed=secrets.randbits(32))
    licence = judge_licences(plan, studio.installation.catalog)
    return Preview(plan, licence, waiting.seconds + plan.estimated_seconds)

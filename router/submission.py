"""From a request to an accepted job: plan, licence, quota, and one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from configs.catalog import Installation
from configs.entries import EntryPin
from configs.errors import InvalidRequest, TooBusy
from configs.quotas import QuotaState
from deployments.messages import Origin
from router.experiments.routing import Units, keep, route
from router.experiments.runs.sampling import note_accepted
from router.ids import new_job_id
from router.job_request import JobRequest
from router.jobs.model import Backlog, IdempotencyKey, Job, LicenceVerdict, NewJob
from router.library.pinning import find_versions, pin
from router.licences.sources import as_said, verdicts_on
from router.licences.verdicts import judge_licences
from router.notes import Note, NoteCode
from router.people.quotas.claims import claim_of, counted_refusals
from router.people.spaces.filling import fill
from router.people.viewer import Viewer
from router.pictures.marking import look_at_mask
from router.pictures.names import FoundPicture, find_pictures
from router.plan import Plan, Routed
from router.planning.making import make_plan
from router.studio import Studio


@dataclass(frozen=True)
class PlannedBefore:
    """A plan that stands already, for what is drawn again as it was; and what it is judged by."""

    plan: Plan
    installation: Installation


@dataclass(frozen=True)
class GoingOn:
    """What a request goes on from, which `entries` of the library took part in that, as which arm it was drawn, and
    what to know of it. What was `planned` before is not planned anew."""

    origin: Origin
    entries: tuple[EntryPin, ...] = ()
    notes: tuple[Note, ...] = ()
    routed: Routed | None = None
    licence: LicenceVerdict | None = None
    planned: PlannedBefore | None = None

    def tell(self, plan: Plan) -> Plan:
        """The plan that says so, and which entries are others by now."""
        before = {pin.key: pin for pin in self.entries}
        moved = tuple(_note_moved(before[pin.key], pin) for pin in plan.entries if pin.key in before)
        notes = (*self.notes, *(note for note in moved if note is not None), *plan.notes)
        return plan.model_copy(update={"origin": self.origin, "notes": notes})


@dataclass(frozen=True)
class Preview:
    """What a request would become. `estimated_seconds` includes the work ahead of it, and loading the model."""

    plan: Plan
    licence: LicenceVerdict
    estimated_seconds: float


async def preview(
    studio: Studio, viewer: Viewer, request: JobRequest, going_on: GoingOn | None = None, session: str = ""
) -> Preview:
    """Plan a request without accepting it. Raises `InvalidRequest`, `UnknownName` and `MissingAsset`."""
    asked = await _ask(studio, viewer, request, going_on, session)
    planned = await _plan(studio, asked, await studio.store.backlog(viewer.owner))
    loading = await studio.replicas.cold_start(planned.plan.base.deployment)
    return replace(planned, estimated_seconds=planned.estimated_seconds + loading)


@dataclass(frozen=True)
class Accepted:
    """A job, and whether it `is_new` or came with the same key before; `estimated_seconds` as in `Preview`, of the
    request that came now, but without the loading of its model (`estimate`). `quotas`: how its owner's limits stand."""

    job: Job
    is_new: bool
    estimated_seconds: float
    quotas: tuple[QuotaState, ...] = ()


async def submit(
    studio: Studio,
    viewer: Viewer,
    request: JobRequest,
    key: IdempotencyKey | None,
    going_on: GoingOn | None = None,
    session: str = "",
    allow: Callable[[LicenceVerdict], Awaitable[None]] | None = None,
) -> Accepted:
    """Accept a request as a job. A `key` that was taken meanwhile, with the same body, gives the first job again.
    `allow` is told under which licence it will be, and raises where nothing is to be accepted.

    Raises `InvalidRequest`, `UnknownName`, `MissingAsset`, `IdempotencyConflict`, `TooBusy` when the owner has too
    much waiting, and `QuotaReached`.
    """
    waiting = await studio.store.backlog(viewer.owner)
    limit = studio.installation.profile.limits.max_queued_jobs_per_owner
    if waiting.own_jobs >= limit:
        raise TooBusy(f"{limit} of your jobs are waiting already; try again when some are done")
    asked = await _ask(studio, viewer, request, going_on, session)
    seen = await _plan(studio, asked, waiting)
    if allow is not None:
        await allow(seen.licence)
    job = NewJob(
        id=asked.job_id,
        owner=viewer.owner,
        space=viewer.space,
        request=asked.request.keep_as_asked(),
        plan=seen.plan,
        licence=seen.licence,
    )
    with counted_refusals(studio.metrics):
        accepted, is_new, quotas = await studio.store.submit_within(job, key, claim_of(studio, viewer))
    if is_new:
        studio.streams.look(viewer.owner)
        studio.experiments.count(seen.plan.routed)
    if is_new and going_on is None:
        note_accepted(studio, accepted, asked.request)
    return Accepted(accepted, is_new, seen.estimated_seconds, quotas)


async def estimate(studio: Studio, accepted: Accepted) -> float:
    """Seconds until a job is done that was accepted just now. What the replicas know of their models counts if they say
    so at once: the job needs nothing but the database."""
    deployment = accepted.job.plan.base.deployment
    return accepted.estimated_seconds + await studio.cold_starts.seconds(deployment)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and all that may say as which arm it is drawn."""

    viewer: Viewer
    job_id: str
    request: JobRequest
    going_on: GoingOn | None
    session: str
    notes: tuple[Note, ...] = ()
    """Of what was settled before it is planned."""

    @property
    def units(self) -> Units:
        """As experiments count it."""
        return Units(self.viewer.owner, self.viewer.space, self.job_id, self.session)


async def _ask(studio: Studio, viewer: Viewer, request: JobRequest, going_on: GoingOn | None, session: str) -> Asked:
    """With what its space says; one that goes on from another says all of that itself. Raises `StateConflict`."""
    space, notes = await studio.spaces.in_use(viewer.space), tuple[Note, ...]()
    if going_on is None:
        request, notes = fill(request, space, studio.installation)
    return Asked(viewer, new_job_id(), request, going_on, session, notes)


async def _plan(studio: Studio, asked: Asked, waiting: Backlog) -> Preview:
    """Without the loading of its model."""
    seen = await look_at_mask(
        studio.blobs, asked.request, await find_pictures(studio.store, asked.viewer, asked.request)
    )
    found = await as_said(studio.licences, studio.installation.catalog, seen)
    plan, installation = await _plan_routed(studio, asked, found)
    if asked.going_on is not None:
        plan = asked.going_on.tell(plan)
    if asked.notes:
        plan = plan.model_copy(update={"notes": (*asked.notes, *plan.notes)})
    sources = verdicts_on(asked.request, found, installation.catalog)
    if asked.going_on is not None and asked.going_on.licence is not None:
        sources.append(asked.going_on.licence)
    licence = judge_licences(plan, installation.catalog, sources)
    return Preview(plan, licence, waiting.seconds + plan.estimated_seconds)


async def _plan_routed(studio: Studio, asked: Asked, found: Mapping[str, FoundPicture]) -> tuple[Plan, Installation]:
    """As its champion or its arm draws it; as it says itself, with the reason, where that cannot be."""
    if asked.going_on is not None and asked.going_on.planned is not None:
        return asked.going_on.planned.plan, asked.going_on.planned.installation
    request, routed = await _route(studio, asked, found)
    seed = secrets.randbits(32)
    try:
        plan, installation = await _plan_as(studio, request, seed, found)
    except InvalidRequest as error:
        if routed is None or routed.overlay.is_empty:
            raise
        plan, installation = await _plan_as(studio, asked.request, seed, found)
        routed = routed.fall_back(error.message)
    return plan.model_copy(update={"routed": routed}), installation


async def _route(studio: Studio, asked: Asked, found: Mapping[str, FoundPicture]) -> tuple[JobRequest, Routed | None]:
    if asked.going_on is not None:
        before = asked.going_on.routed
        return (asked.request, None) if before is None else keep(asked.request, before)
    held = studio.experiments.held
    versions = await find_versions(studio.library, (asked.request,), held.versions)
    installation, check = studio.installation, studio.experiments.eligibility.check
    draws = partial(check, installation=installation, rates=studio.rates, found=found, versions=versions)
    return route(asked.request, held, asked.units, installation, draws)


async def _plan_as(
    studio: Studio, request: JobRequest, seed: int, found: Mapping[str, FoundPicture]
) -> tuple[Plan, Installation]:
    versions = await find_versions(studio.library, (request,), studio.experiments.held.versions)
    request, installation = pin(request, studio.installation, versions)
    return make_plan(request, installation, studio.rates, seed, found), installation


def _note_moved(before: EntryPin, now: EntryPin) -> Note | None:
    if before.sha256 == now.sha256:
        return None
    message = f"{now.id} is at {now.version} now, and was at {before.version} when that was drawn"
    return Note(code=NoteCode.ENTRY_MOVED, message=message)

"""From a request for a training to accepted jobs: found, planned, held against limits, and written down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from configs.entries import LORAS, EntryPin
from configs.errors import InvalidRequest, NotFound, StateConflict, TooBusy
from configs.quotas import QuotaState
from router.ids import new_job_ids
from router.jobs.model import IdempotencyKey, Job, NewJob
from router.library import kinds
from router.library.kinds import kind_named
from router.people.quotas.claims import claim_of, counted_refusals
from router.people.viewer import Viewer
from router.storage.documents import UnreadableDocument
from router.studio import Studio
from router.training.checking import check_material
from router.training.planning import Material, Planned, plan_trainings
from router.training.request import DatasetSketch, TrainingRequest
from router.training.sketching import material_of
from router.training.sweeps import runs_of_sweep

DATASETS = "datasets"
_MOST_WAITING = 20


@dataclass(frozen=True, slots=True)
class Accepted:
    """The trainings that were asked for together; whether they are new; how their owner's limits stand."""

    jobs: tuple[Job, ...]
    is_new: bool
    quotas: tuple[QuotaState, ...] = ()


async def preview(studio: Studio, asked: TrainingRequest, sketch: DatasetSketch | None = None) -> tuple[Planned, ...]:
    """Plan without accepting; with a `sketch`, for a dataset that is not here yet, whose pictures nobody has looked at.
    Raises `InvalidRequest`, `UnknownName`, `Unsupported` and `StateConflict`."""
    if sketch is None:
        return await _plan(studio, asked)
    await _check_new(studio, asked.dataset)
    material = material_of(asked.dataset, sketch, studio.installation.catalog)
    planned = plan_trainings(asked, material, await _prior(studio, asked), studio.installation, studio.rates)
    await _check_name(studio, asked, planned[0])
    return planned


async def submit(
    studio: Studio, viewer: Viewer, asked: TrainingRequest, said: dict[str, Any], key: IdempotencyKey | None
) -> Accepted:
    """Accept a request as jobs, one for each run of its sweep. `said` is its body as it was understood. A `key` that
    was taken before, with the same body, gives the first jobs again.

    Raises what `preview` raises, `IdempotencyConflict`, `TooBusy` and `QuotaReached`.
    """
    if key is not None and (first := await studio.store.submitted(viewer.owner, key)) is not None:
        return Accepted(await runs_of_sweep(studio, first), False)
    await _check_waiting(studio, viewer)
    ids = new_job_ids(64)
    planned = await _plan(studio, asked, sweep=ids[0])
    jobs, quotas, claim = list[Job](), tuple[QuotaState, ...](), claim_of(studio, viewer)
    for number, (one, job_id) in enumerate(zip(planned, ids, strict=False)):
        job = NewJob(job_id, viewer.owner, said, one.plan, one.licence, viewer.space, not_before=_not_before(one))
        with counted_refusals(studio.metrics):
            accepted, _, quotas = await studio.store.submit_within(job, _numbered(key, number), claim)
        jobs.append(accepted)
    studio.streams.look(viewer.owner)
    return Accepted(tuple(jobs), True, quotas)


async def _plan(studio: Studio, asked: TrainingRequest, sweep: str = "") -> tuple[Planned, ...]:
    material = await find_material(studio, asked.dataset, "dataset")
    prior = await _prior(studio, asked)
    planned = plan_trainings(asked, material, prior, studio.installation, studio.rates, sweep)
    await _check_name(studio, asked, planned[0])
    if not asked.unchecked:
        plan = planned[0].plan
        await check_material(studio, material, studio.installation.catalog.models[plan.model], plan.settings)
    return planned


async def _prior(studio: Studio, asked: TrainingRequest) -> Material | None:
    return None if asked.prior is None else await find_material(studio, asked.prior, "prior")


async def _check_new(studio: Studio, id: str) -> None:
    """Raises `StateConflict` for the id of a dataset that is here."""
    try:
        await studio.library.store.versions(DATASETS, id)
    except NotFound:
        return
    raise StateConflict(f"there is a dataset '{id}' already: name it, or give the new one another id", "dataset")


async def find_material(studio: Studio, name: str, field: str) -> Material:
    """A dataset by ID or ID@VERSION. Raises `UnknownName` and `InvalidRequest`."""
    id, _, version = name.partition("@")
    try:
        found = await studio.library.store.versions(DATASETS, id)
    except NotFound:
        raise InvalidRequest(f"there is no dataset '{id}': GET /datasets lists them", field) from None
    entry = found.require(version, field) if version else found.shown
    try:
        dataset = kind_named(DATASETS).read(entry)
    except UnreadableDocument as error:
        raise InvalidRequest(f"{id} {entry.version}: {error}", field) from None
    return Material(EntryPin(kind=DATASETS, id=id, version=entry.version, sha256=entry.sha256), dataset)


async def _check_name(studio: Studio, asked: TrainingRequest, planned: Planned) -> None:
    """Raises `StateConflict` for the name of a LoRA that was not trained here, or is for another family."""
    try:
        newest = (await studio.library.store.versions(LORAS, asked.lora)).newest
    except NotFound:
        return
    with suppress(UnreadableDocument):
        lora, family = kinds.LORAS.read(newest), studio.installation.catalog.models[planned.plan.model].family
        if lora.trained is not None and lora.family == family:
            return
    message = f"the library has a LoRA '{asked.lora}' that does not come from a training on this family"
    raise StateConflict(f"{message}: give another id", "lora")


async def _check_waiting(studio: Studio, viewer: Viewer) -> None:
    """Raises `TooBusy`."""
    found = await studio.store.jobs(viewer, limit=2 * _MOST_WAITING, kind="train")
    if sum(not job.status.ended for job in found) >= _MOST_WAITING:
        raise TooBusy(f"{_MOST_WAITING} of your trainings have yet to end; try again when some have")


def _not_before(planned: Planned) -> datetime | None:
    window = planned.plan.window
    now = datetime.now(UTC)
    seconds = 0.0 if window is None else window.seconds_to_open(now)
    return now + timedelta(seconds=seconds) if seconds else None


def _numbered(key: IdempotencyKey | None, number: int) -> IdempotencyKey | None:
    """That of one run of a sweep: the first has the client's own."""
    if key is None or number == 0:
        return key
    return IdempotencyKey(f"{key.key}#{number}", key.body_sha256)

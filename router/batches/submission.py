"""From an order for a batch to its jobs: limits, plans, and one transaction for all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from configs.errors import AtelierError, TooBusy
from configs.quotas import QuotaState
from configs.rows import RowError
from router.batches.csv_file import read_csv
from router.batches.model import Batch, Line, NewBatch, Way
from router.batches.order import BatchBody, BatchSweep, count_jobs, expand, find_overlaps
from router.batches.planning import Drafted, Drafting
from router.ids import new_batch_id, new_job_ids
from router.jobs.model import IdempotencyKey
from router.people.quotas.claims import claim_of, counted_refusals
from router.people.viewer import Viewer
from router.studio import Studio


@dataclass(frozen=True, slots=True)
class Order:
    """What one call asks for: its lines, what is said for all of them, and what is wrong with those that could not be
    read at all. `fingerprint` tells it from another order."""

    sweep: BatchSweep
    lines: Sequence[Line]
    errors: Sequence[RowError]
    fingerprint: str
    ways: tuple[Way, ...] = ()
    """In which each line is drawn, where they are compared."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the batch remembers of it beside its sweep."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A batch that was accepted: now, or before with the same key. `estimated_seconds` is until its last picture."""

    batch: Batch
    is_new: bool
    estimated_seconds: float
    quotas: tuple[QuotaState, ...] = ()


def read_body(body: BatchBody) -> Order:
    """An order as JSON says it. Raises `InvalidRequest`."""
    return _order(body, body.lines(), ())


def read_file(sweep: BatchSweep, data: bytes) -> Order:
    """An order whose rows are a CSV file. Raises `InvalidRequest`."""
    file = read_csv(data)
    return _order(sweep, file.lines, file.errors)


def _order(sweep: BatchSweep, lines: Sequence[Line], errors: Sequence[RowError]) -> Order:
    said = sweep.model_dump(mode="json", exclude_unset=True, exclude={"rows", "prompts", "dry_run"})
    told = [said, [[line.number, dict(line.fields)] for line in lines], [error.model_dump() for error in errors]]
    fingerprint = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return Order(sweep, lines, errors, fingerprint)


async def draft_batch(studio: Studio, viewer: Viewer, order: Order, batch_id: str = "") -> Drafted:
    """Plan all of its rows. Raises `InvalidRows` for what is wrong with them, `InvalidRequest` for too many."""
    limits = studio.installation.profile.limits
    axes = order.sweep.axes(tuple(studio.installation.catalog.asset_types))
    counted = {**axes, "way": order.ways} if order.ways else axes
    count_jobs([*order.lines, *(Line(error.line, {}) for error in order.errors)], counted, limits.max_batch_rows)
    rows = len(order.lines) * (len(order.ways) or 1)
    for values in axes.values():
        rows *= len(values)
    drafting = Drafting(studio, viewer, batch_id, new_job_ids(rows))
    for error in order.errors:
        drafting.drafted.note(error)
    for error in find_overlaps(order.lines, axes):
        drafting.drafted.note(error)
    wrong = {*drafting.drafted.wrong_lines}
    await drafting.plan(expand([line for line in order.lines if line.number not in wrong], axes, order.ways or (None,)))
    drafting.drafted.check(len(order.lines) + len(order.errors), order.sweep.skip_invalid)
    return drafting.drafted


async def submit_batch(studio: Studio, viewer: Viewer, order: Order, key: str | None) -> Submitted:
    """Accept a batch: all of its jobs, or none. The same `key` with the same order is the same batch, whatever else it
    would be refused for by now. Raises as `draft_batch`, `IdempotencyConflict`, `TooBusy` where too much waits, and
    `QuotaReached`."""
    with_hash = None if key is None else IdempotencyKey(key, order.fingerprint)
    first = await _submitted(studio, viewer, with_hash)
    if first is not None:
        return first
    try:
        return await _accept(studio, viewer, order, with_hash)
    except AtelierError:  # the same order may have been accepted meanwhile
        first = await _submitted(studio, viewer, with_hash)
        if first is None:
            raise
        return first


async def remaining_seconds(studio: Studio, batch: Batch) -> float:
    """Until the last job of a batch, with the work ahead of it."""
    if batch.first_job is None:
        return 0.0
    ahead = await studio.store.backlog(batch.owner, batch.first_job, in_batch=True)
    return ahead.seconds + batch.remaining_seconds


async def _submitted(studio: Studio, viewer: Viewer, key: IdempotencyKey | None) -> Submitted | None:
    batch_id = None if key is None else await studio.batches.submitted(viewer.owner, key)
    if batch_id is None:
        return None
    batch = await studio.batches.batch(viewer, batch_id)
    return Submitted(batch, False, await remaining_seconds(studio, batch))


async def _accept(studio: Studio, viewer: Viewer, order: Order, key: IdempotencyKey | None) -> Submitted:
    waiting = await studio.store.backlog(viewer.owner, in_batch=True)
    batch_id = new_batch_id()
    drafted = await draft_batch(studio, viewer, order, batch_id)
    limit = studio.installation.profile.limits.max_queued_batch_jobs_per_owner
    if waiting.own_batch_jobs + len(drafted.jobs) > limit:
        raise TooBusy(
            f"{waiting.own_batch_jobs:,} jobs of your batches are waiting, {len(drafted.jobs):,} would be added, and"
            f" {limit:,} may wait: try again when some are done, or cancel a batch"
        )
    batch = NewBatch(
        id=batch_id,
        owner=viewer.owner,
        space=viewer.space,
        asked={
            **order.sweep.model_dump(mode="json", exclude_defaults=True, exclude={"prompts", "rows", "dry_run"}),
            **order.told,
        },
        lines=len(order.lines) + len(order.errors),
        jobs=tuple(drafted.jobs),
        arms=tuple(drafted.arms),
        skipped=tuple(sorted(drafted.errors, key=lambda error: error.line)),
        lines_skipped=len(drafted.wrong_lines),
        demands=tuple(drafted.demands),
    )
    with counted_refusals(studio.metrics):
        accepted, is_new, quotas = await studio.batches.accept_within(batch, key, claim_of(studio, viewer))
    if is_new:
        studio.streams.look(viewer.owner)
    loading = sum([await studio.cold_starts.seconds(one) for one in drafted.deployments])
    seconds = waiting.seconds + drafted.seconds + loading
    return Submitted(await studio.batches.batch(viewer, accepted), is_new, seconds, quotas)

"""Replays found again: the receipt of a job, and all replays of a picture."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from router.jobs.model import EventType, Job, JobBrief, JobEvent
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from router.replays.receipt import Receipt
from router.storage.documents import Document, UnreadableDocument

MOST = 50
"""Replays of one picture that are told, the newest first."""

RECEIPT: Document[Receipt] = Document("receipt", Receipt)

_log = logging.getLogger("atelier.replays")


@dataclass(frozen=True, slots=True)
class Replay:
    """A job that draws a picture again, and its receipt once that is done."""

    job: JobBrief
    receipt: Receipt | None


async def receipt_of(store: JobStore, job: Job) -> Receipt | None:
    """None for a job that is no replay, and for one that is not done."""
    plan = job.readable_plan
    if plan is None or plan.replayed is None:
        return None
    return _newest(await store.log(job.id, EventType.REPLAYED))


async def replays_of(store: JobStore, viewer: Viewer, asset_id: str) -> tuple[Replay, ...]:
    """Those that `viewer` sees, the newest first. Raises `NotFound` for a picture that is not there, or of others."""
    await store.asset(viewer, asset_id)
    kin = await store.kin_after(viewer, [], [asset_id])
    ids = sorted({one.job_id for one in kin if one.call == "replay"}, reverse=True)[:MOST]
    briefs = sorted(await store.briefs(viewer, ids), key=lambda one: one.id, reverse=True)
    return tuple([Replay(job, _newest(await store.log(job.id, EventType.REPLAYED))) for job in briefs])


def _newest(log: tuple[JobEvent, ...]) -> Receipt | None:
    """The last one: a crash between a receipt and its picture has the picture drawn, and compared, again."""
    if not log:
        return None
    try:
        return RECEIPT.read(json.dumps(log[-1].payload))
    except UnreadableDocument as error:
        _log.warning("job %s: %s", log[-1].job_id, error)
        return None

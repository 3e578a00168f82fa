"""Jobs, pictures and a clock for tests of the job store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from configs.schema import Size
from deployments.stages.base import BaseStage
from deployments.stages.finish import FinishStage
from router.jobs.model import EventType, ImageRecord, Job, JobStatus, Lease, LicenceVerdict, NewJob, StoredFile
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from router.plan import Plan

LICENCE = LicenceVerdict(reference="allowed", internal="allowed", product="conditional", licences=("apache-2.0",))
LEASE_SECONDS = 30.0


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class JobDatabase:
    """A database that any number of stores may open; all of them read one clock."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = Clock()

    @asynccontextmanager
    async def store(self, clock: Callable[[], datetime] | None = None) -> AsyncIterator[JobStore]:
        store = SqlJobStore(self.url, clock or self.clock)
        await store.open()
        try:
            yield store
        finally:
            await store.close()


def a_plan(pictures: int = 4, seconds: float = 8.0) -> Plan:
    size = Size(width=128, height=128)
    base = BaseStage(
        deployment="generator-mini",
        model="mini",
        loras=(),
        full_prompt="flat icon of a café ☕",
        negative_prompt="",
        size=size,
        num_inference_steps=20,
        sampler="default",
        schedule=None,
        guidance_scale=3.5,
        estimated_seconds=1.0,
    )
    return Plan(
        prompt="a café ☕",
        asset_type="icon",
        quality="draft",
        seeds=tuple(range(pictures)),
        stages=(base, FinishStage(deployment="finish", size=size, formats=("png", "webp"), estimated_seconds=0.5)),
        estimated_seconds=seconds,
    )


def a_job(number: int, owner: str = "ana", seconds: float = 8.0) -> NewJob:
    """A new job; a higher number is a later one."""
    request = {"prompt": "a café ☕ with a \x00 in it", "asset_type": "icon", "num_variations": 4, "size": None}
    return NewJob(f"job_{number:08d}", owner, request, a_plan(seconds=seconds), LICENCE)


def a_picture(index: int, seed: int = 2**32 + 1) -> ImageRecord:
    file = StoredFile(format="png", media_type="image/png", sha256="0" * 64, size_bytes=1024)
    return ImageRecord(
        index=index,
        seed=seed,
        width=128,
        height=128,
        files=(file,),
        licence=LICENCE,
        notes=("small",),
        seconds={"base": 0.5},
    )


def unnamed(images: Iterable[ImageRecord]) -> tuple[ImageRecord, ...]:
    """Pictures without the ids that the store has given them."""
    return tuple(image.model_copy(update={"asset_id": ""}) for image in images)


async def leased(store: JobStore, worker: str = "worker-1", seconds: float = LEASE_SECONDS) -> Lease:
    """A lease that must be there."""
    lease = await store.lease(worker, seconds)
    assert lease is not None, "there should be a job to lease"
    return lease


async def finished(store: JobStore, lease: Lease) -> Job:
    await store.end(lease, JobStatus.COMPLETE)
    return await store.job(Viewer(lease.job.owner), lease.job.id)


async def log_of(store: JobStore, owner: str, job_id: str) -> list[tuple[int, EventType]]:
    """Numbers and types of a job's events."""
    return [(event.seq, event.type) for event in await store.events(Viewer(owner), job_id)]

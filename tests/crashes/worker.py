"""A conductor in a process of its own, with replicas beside it, that is killed by SIGKILL at a boundary it comes to.

Everything that must last is real: the database, the file store, the finisher, the conductor. The generator and the
upscaler paint, claim to have taken long, so that what they leave is worth keeping, and write down what they finish.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from configs.catalog import Installation
from configs.errors import StoreUnavailable
from configs.webhooks import WebhookConfig
from deployments.blobs.keeper import FileKeeper
from deployments.blobs.store import BlobStore
from deployments.exchange import Exchange
from deployments.messages import Done, GenerateRequest, Picture, Told, Waiting
from deployments.stages.checker import CheckRequest
from deployments.stages.encode import FinishRequest
from deployments.stages.finisher import Finisher
from deployments.stages.upscaler import UpscaleRequest
from router.conductor import Conductor
from router.files import connect_jobs, open_blobs
from router.jobs.model import EventType, ImageRecord, JobEvent, JobFailure, JobKind, JobStatus, Lease, StageOutput
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from router.replicas import DirectReplicas
from router.studio import Studio
from router.webhooks.addresses import resolve
from router.webhooks.posting import Answer, Courier
from tests.studio import NearestUpscaler, PaintedGenerator, PaintedScorer, local_installation

_COSTS = 5.0
BOUNDARIES = (
    "leased",
    "picture begun",
    "picture drawn",
    "kept file stored",
    "stage output noted",
    "enlarging begun",
    "picture enlarged",
    "finishing begun",
    "files noted",
    "one file of two stored",
    "files stored",
    "row to be written",
    "row written",
    "last row to be written",
    "job ended",
)


CHOOSING = (
    "picture drawn",
    "drawing scored",
    "candidate noted",
    "choice to be noted",
    "choice noted",
    "picture enlarged",
)
"""Those of a job whose pictures are chosen."""


@dataclass
class Killer:
    """Ends this process when it comes to `boundary` for the `nth` time. Any thread may call."""

    boundary: str
    nth: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def come_to(self, boundary: str) -> None:
        with self._lock:
            if boundary == self.boundary:
                self.nth -= 1
                if self.nth == 0:
                    os.kill(os.getpid(), signal.SIGKILL)


class Diary:
    """What was finished, a line each, that no kill takes away."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, line: str) -> None:
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)


@dataclass
class Generator(PaintedGenerator):
    killer: Killer | None = None
    diary: Diary | None = None

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Told]:
        assert self.killer is not None
        assert self.diary is not None
        self.killer.come_to("picture begun")
        async for told in super().generate(request):
            if isinstance(told, Done):
                self.diary.write(f"base {request.request_id.rpartition('/')[2]}")
                self.killer.come_to("picture drawn")
                told = replace(told, seconds=_COSTS, weights="painted")
            yield told


@dataclass
class Upscaler(NearestUpscaler):
    killer: Killer
    diary: Diary

    async def upscale(self, picture: Picture, request: UpscaleRequest) -> Done:
        self.killer.come_to("enlarging begun")
        done = await super().upscale(picture, request)
        self.diary.write("upscale")
        self.killer.come_to("picture enlarged")
        return replace(done, seconds=_COSTS)


@dataclass
class Scorer(PaintedScorer):
    killer: Killer

    async def check(self, picture: Picture, request: CheckRequest) -> Done:
        done = await super().check(picture, request)
        self.killer.come_to("drawing scored")
        return done


class Files(BlobStore):
    """Of the finisher."""

    killer: Killer

    async def put(self, data: bytes, key: str | None = None) -> str:
        stored = await super().put(data, key)
        self.killer.come_to("kept file stored" if data.startswith(b"P6") else "one file of two stored")
        return stored


class KilledFinisher(Finisher):
    killer: Killer

    async def finish(self, picture: Picture, request: FinishRequest) -> AsyncIterator[Waiting | Done]:
        self.killer.come_to("finishing begun")
        async for told in super().finish(picture, request):
            self.killer.come_to("files stored")
            yield told


class Store(SqlJobStore):
    killer: Killer

    async def lease(self, worker: str, seconds: float, kind: JobKind = "generate") -> Lease | None:
        lease = await super().lease(worker, seconds, kind)
        if lease is not None:
            self.killer.come_to("leased")
        return lease

    async def add_image(self, lease: Lease, image: ImageRecord, expected: bool = False) -> JobEvent:
        self.killer.come_to("row to be written")
        event = await super().add_image(lease, image, expected)
        self.killer.come_to("row written")
        return event

    async def complete(self, lease: Lease, image: ImageRecord) -> tuple[JobEvent, JobEvent]:
        self.killer.come_to("last row to be written")
        events = await super().complete(lease, image)
        self.killer.come_to("job ended")
        return events

    async def keep_output(self, lease: Lease, output: StageOutput) -> None:
        await super().keep_output(lease, output)
        self.killer.come_to("stage output noted")

    async def append(self, lease: Lease, type: EventType, payload: dict[str, Any]) -> JobEvent:
        if type is EventType.CHOSEN:
            self.killer.come_to("choice to be noted")
        event = await super().append(lease, type, payload)
        noted = {EventType.CANDIDATE: "candidate noted", EventType.CHOSEN: "choice noted"}
        self.killer.come_to(noted.get(type, ""))
        return event

    async def end(self, lease: Lease, status: JobStatus, failure: JobFailure | None = None) -> JobEvent:
        event = await super().end(lease, status, failure)
        self.killer.come_to("job ended")
        return event


def work(folder: str, boundary: str, nth: int, milliseconds: int | None) -> None:
    """Lead what is queued to its end, or be killed: at a boundary, or after a time."""
    if milliseconds is not None:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)
    asyncio.run(_work(Path(folder), Killer(boundary, nth)))


def tell(folder: str, boundary: str, nth: int) -> None:
    """The same until webhooks have been told of it, too."""
    asyncio.run(_work(Path(folder), Killer(boundary, nth), tells=True))


@dataclass(frozen=True, slots=True)
class KilledCourier(Courier):
    """Allowed to go anywhere on this machine."""

    killer: Killer = field(kw_only=True)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.killer.come_to("delivery to be posted")
        answer = await super(KilledCourier, self).post(url, headers, body)
        self.killer.come_to("delivery posted")
        return answer


async def _work(folder: Path, killer: Killer, tells: bool = False) -> None:
    installation = local_installation(folder)
    diary = Diary(folder / "diary")
    finisher = KilledFinisher(Exchange(open_files=partial(_open_files, installation, killer)))
    finisher.killer = killer
    replicas: dict[str, Any] = {
        "generator-mini": Generator(step_seconds=0.002, killer=killer, diary=diary),
        "upscaler-mini-x4": Upscaler(killer, diary),
        "scorer-mini-scorer": Scorer(killer),
        "finisher": finisher,
    }
    studio = Studio.assemble(installation, DirectReplicas(replicas))
    store = connect_jobs(installation)
    store.__class__, store.killer = Store, killer  # type: ignore[attr-defined]
    courier = KilledCourier(WebhookConfig(allow=("127.0.0.1:*",)), resolve, killer=killer)
    studio = replace(studio, store=store, courier=courier)
    await store.open()
    conductor = Conductor(studio)
    conductor.start()
    await _until(lambda: _ended(store))
    if tells:
        await _until(lambda: _told(store))
    await conductor.stop()
    await store.close()


def _open_files(installation: Installation, killer: Killer) -> FileKeeper:
    blobs, store = open_blobs(installation), connect_jobs(installation)
    blobs.__class__, blobs.killer = Files, killer  # type: ignore[attr-defined]

    async def expect(*sha256: str) -> None:
        await store.expect_files(*sha256)
        if len(sha256) > 1:
            killer.come_to("files noted")

    return FileKeeper(blobs, expect)


async def _ended(store: SqlJobStore) -> bool:
    with suppress(StoreUnavailable):
        return all(job.status.ended for job in await store.jobs(Viewer("dev")))
    return False


async def _told(store: SqlJobStore) -> bool:
    left = await store.database.read(text("SELECT 1 FROM webhook_deliveries WHERE state <> 'delivered'"))
    return not left


async def _until(true: Callable[[], Any]) -> None:
    while not await true():
        await asyncio.sleep(0.05)

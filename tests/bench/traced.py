"""The application with a stopwatch at each seam: its parts write down when a job passes them, and the clock of one
machine makes the moments of all its processes comparable."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ray.serve.handle import DeploymentHandle
from sqlalchemy import event
from sqlalchemy.engine import Engine

from configs.catalog import Installation
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest, Message, Picture, PictureRef, StepDone, Told, Waiting
from deployments.stages.encode import FinishRequest
from deployments.stages.finisher import Finisher
from router.jobs.model import IdempotencyKey, ImageRecord, Job, JobEvent, JobFailure, JobKind, JobStatus, Lease, NewJob
from router.jobs.sql import SqlJobStore
from serve.app import FrontDoor
from serve.handles import RayReplicas

TRACE = "ATELIER_BENCH_TRACE"
"""The environment variable that names the file of moments."""

COUNTED = "-"
"""Stands for the job in moments that are only counted."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A job passed a seam at `at`, in seconds of a clock that all processes of the machine share."""

    job_id: str
    seam: str
    at: float


def note(job_id: str, seam: str) -> None:
    """Write a moment down: one short line, appended in one piece."""
    line = f"{job_id} {time.monotonic_ns()} {seam}\n"
    descriptor = os.open(os.environ[TRACE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def read_moments(file: Path) -> list[Moment]:
    """All moments so far, in order of time."""
    lines = [line.split(" ", 2) for line in file.read_text().splitlines()]
    return sorted((Moment(job_id, seam, int(at) / 1e9) for job_id, at, seam in lines), key=lambda moment: moment.at)


class TracedStore(SqlJobStore):
    """The job store; each call says when it began and when it had committed."""

    async def submit(self, job: NewJob, idempotency: IdempotencyKey | None = None) -> tuple[Job, bool]:
        note(job.id, "submit")
        answer = await super().submit(job, idempotency)
        note(job.id, "submitted")
        return answer

    async def lease(self, worker: str, seconds: float, kind: JobKind = "generate") -> Lease | None:
        lease = await super().lease(worker, seconds, kind)
        if lease is not None:
            note(lease.job.id, "leased")
        return lease

    async def add_image(self, lease: Lease, image: ImageRecord, expected: bool = False) -> JobEvent:
        note(lease.job.id, "committing")
        answer = await super().add_image(lease, image, expected)
        note(lease.job.id, "picture committed")
        return answer

    async def complete(self, lease: Lease, image: ImageRecord) -> tuple[JobEvent, JobEvent]:
        note(lease.job.id, "committing")
        answer = await super().complete(lease, image)
        note(lease.job.id, "picture and end committed")
        return answer

    async def end(self, lease: Lease, status: JobStatus, failure: JobFailure | None = None) -> JobEvent:
        note(lease.job.id, "ending")
        answer = await super().end(lease, status, failure)
        note(lease.job.id, "end committed")
        return answer


class TracedReplicas(RayReplicas):
    """The handles; each call says when it left and what came back when."""

    async def run(
        self, deployment: str, message: Message, picture: PictureRef | None = None
    ) -> AsyncGenerator[Told, None]:
        job_id = _job_of(message)
        note(job_id, f"{message.method} called")
        async for told in super().run(deployment, message, picture):
            if isinstance(told, StepDone | Done):
                _note_step(job_id, told, "heard" if isinstance(message, GenerateRequest) else "back")
            yield told


def _job_of(message: Message) -> str:
    if isinstance(message, GenerateRequest):
        return _job(message.request_id)
    return message.recipe.job_id if isinstance(message, FinishRequest) else "?"


class TracedDoor(FrontDoor):
    """The ingress over traced parts; statements and commits are counted."""

    async def __init__(  # type: ignore[misc]
        self,
        installation: Installation,
        handles: dict[str, DeploymentHandle[Any]],
        conductor: DeploymentHandle[Any] | None = None,
    ) -> None:
        await super().__init__(installation, handles, conductor)  # Serve makes an ingress' own one async
        state = Path(installation.root, installation.profile.state)
        store = TracedStore(installation.profile.database_url or f"sqlite:///{state / 'jobs.db'}")
        self._studio = replace(self._studio, store=store, replicas=TracedReplicas(handles))
        event.listen(Engine, "before_cursor_execute", _noting("SQL statement"))
        event.listen(Engine, "commit", _noting("SQL commit"))


class TracedGenerator(Generator):
    """The generator, seen from inside its process."""

    async def generate(self, request: GenerateRequest) -> AsyncIterator[StepDone | Done]:
        job_id = _job(request.request_id)
        note(job_id, "generator began")
        async for message in super().generate(request):
            _note_step(job_id, message, "told")
            yield message


class TracedFinisher(Finisher):
    """The finisher, seen from inside its process."""

    async def finish(self, picture: Picture, request: FinishRequest) -> AsyncIterator[Waiting | Done]:
        note(request.recipe.job_id, "finisher began")
        async for told in super().finish(picture, request):
            note(request.recipe.job_id, "files stored")
            yield told


def _note_step(job_id: str, message: StepDone | Done, verb: str) -> None:
    if isinstance(message, Done):
        note(job_id, f"picture {verb}")
    elif message.step == 1:
        note(job_id, f"first step {verb}")
    elif message.step == message.steps:
        note(job_id, f"last step {verb}")
    if verb == "told":
        note(COUNTED, "message of the generator")


def _job(request_id: str) -> str:
    return request_id.partition("/")[0]


def _noting(seam: str) -> Callable[..., None]:
    def listener(*_: object) -> None:
        note(COUNTED, seam)

    return listener

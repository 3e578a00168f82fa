"""A studio in one process with the real conductor and replica of trainings, over a trainer that only counts."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from configs.entries import EntryPin
from configs.schema import LicencePart
from configs.training import TrainingSettings
from deployments.messages import EXAMINER
from deployments.trainings import LearnedPicture
from router.conductor import Conductor
from router.files import open_files
from router.ids import new_job_id
from router.jobs.model import EventType, Job, LicenceVerdict, NewJob
from router.people.viewer import Viewer
from router.replicas import DirectReplicas
from router.studio import Studio
from router.training.plan import TrainingEstimate, TrainingPlan
from tests.studio import PaintedExaminer, PaintedGenerator, begin_with_schema, finisher_of, local_installation
from tests.trainers import CountingJudge, CountingTrainer
from training.lora.replica import TrainerReplica

ANA = Viewer("ana")
LICENCE = LicenceVerdict(reference="allowed", internal="allowed", product="allowed", licences=("apache-2.0",))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine function in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def a_plan(pictures: tuple[LearnedPicture, ...], **changes: Any) -> TrainingPlan:
    settings = TrainingSettings(rank=4, steps=20, checkpoint_every=5, seed=3)
    plan = TrainingPlan(
        dataset=EntryPin(kind="datasets", id="kestrel", version="1.0.0", sha256="d" * 64),
        model="mini",
        deployment="trainer-mini",
        lora="peregrine",
        trigger="kestrel style",
        pictures=pictures,
        settings=settings,
        licence_parts=(
            LicencePart(part="adapter", licence="apache-2.0"),
            LicencePart(part="training data", licence="apache-2.0"),
        ),
        is_judged=False,
        estimate=TrainingEstimate(steps=20, seconds=10.0, gpu_hours=0.0),
    )
    return plan.model_copy(update=changes)


@dataclass
class World:
    """Studios, one after the other, on one folder. The trainer outlives a conductor, as its process does."""

    folder: Path
    trainer: CountingTrainer = field(default_factory=CountingTrainer)
    judge: CountingJudge = field(default_factory=CountingJudge)
    generator: PaintedGenerator = field(default_factory=PaintedGenerator)
    profile: dict[str, Any] = field(default_factory=dict)
    _replica: TrainerReplica | None = None

    def replica(self) -> TrainerReplica:
        """The trainer's process."""
        if self._replica is None:
            installation = local_installation(self.folder, **self.profile)
            files, model = partial(open_files, installation), installation.catalog.models["mini"]
            self._replica = TrainerReplica(model, files, self.folder / "trainings", self.trainer.begin, self.judge)
        return self._replica

    def kill_replica(self) -> None:
        self._replica = None

    @asynccontextmanager
    async def studio(self) -> AsyncIterator[Studio]:
        installation = local_installation(self.folder, **self.profile)
        begin_with_schema(installation)
        replicas = {"generator-mini": self.generator, "finisher": finisher_of(installation)}
        replicas |= {EXAMINER: PaintedExaminer(installation), "trainer-mini": self.replica()}
        studio = Studio.assemble(installation, DirectReplicas(replicas))
        await studio.store.open()
        await studio.library.open()
        try:
            yield studio
        finally:
            await studio.store.close()

    @asynccontextmanager
    async def conducted(self) -> AsyncIterator[Studio]:
        async with self.studio() as studio:
            conductor = Conductor(studio, lease_seconds=1.0)
            conductor.start()
            try:
                yield studio
            finally:
                await conductor.stop()


async def submit(studio: Studio, **changes: Any) -> Job:
    """A training of one small file that stands for a picture."""
    sha256 = await studio.blobs.put(b"a picture")
    assert sha256 == hashlib.sha256(b"a picture").hexdigest()
    pictures = changes.pop("pictures", (LearnedPicture(sha256=sha256, caption="a mug"),))
    plan = a_plan(pictures, **changes)
    job, _ = await studio.store.submit(NewJob(new_job_id(), "ana", {"model": "mini"}, plan, LICENCE))
    return job


async def until(studio: Studio, job: Job, *types: EventType) -> Job:
    """Until its log has one of these."""
    async with asyncio.timeout(120):
        while not await studio.store.log(job.id, *types):
            await asyncio.sleep(0.01)
    return await studio.store.job(ANA, job.id)


ENDS = (EventType.COMPLETE, EventType.FAILED, EventType.CANCELED)


async def finished(studio: Studio, job: Job) -> Job:
    return await until(studio, job, *ENDS)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)

"""The real trainer behind a job: mini learns plain squares, is lost on the way, and its LoRA is tried."""

from __future__ import annotations

import io
from functools import partial

import pytest
import torch
from PIL import Image

from configs.errors import StageUnavailable
from configs.training import TrainingSettings
from deployments.blobs.node_cache import CachedStore
from deployments.loras.examiner import Examiner
from deployments.messages import EXAMINER
from deployments.trainings import LearnedPicture
from router.files import blob_folder, open_files
from router.jobs.model import Job, JobStatus
from router.replicas import DirectReplicas
from router.studio import Studio
from router.training.record import RECORDED, Record
from tests.router.training.conftest import World, finished, submit
from training.lora.lesson import Running, Task, begin_run
from training.lora.replica import TrainerReplica

pytestmark = pytest.mark.slow

COLOURS = ("red", "green", "blue", "yellow", "purple", "orange")
SETTINGS = TrainingSettings(
    rank=2, steps=4, batch=1, rate=2e-3, size=64, precision="float32", checkpoint_every=2, warm_up=1, validation_share=0
)


class LostTrainer:
    """The real one, whose process is lost once after a step."""

    def __init__(self, lose_after: int | None) -> None:
        self.lose_after = lose_after

    def begin(self, task: Task) -> Running:
        return _Losing(self, begin_run(task))


class _Losing:
    def __init__(self, trainer: LostTrainer, run: Running) -> None:
        self._trainer, self._run = trainer, run

    def run(self, wanted):  # type: ignore[no-untyped-def]
        for event in self._run.run(wanted):
            yield event
            if getattr(event, "loss", None) is not None and getattr(event, "step", 0) == self._trainer.lose_after:
                self._trainer.lose_after = None
                raise StageUnavailable("the trainer was lost")


async def _learn(world: World, lose_after: int | None) -> tuple[Job, Record]:
    trainer = LostTrainer(lose_after)
    async with world.conducted() as studio:
        _install(world, studio, trainer)
        pictures = [await _picture(studio, colour) for colour in COLOURS]
        job = await finished(studio, await submit(studio, settings=SETTINGS, pictures=tuple(pictures)))
        return job, Record.read(await studio.store.log(job.id, *RECORDED))


def _install(world: World, studio: Studio, trainer: LostTrainer) -> None:
    installation, replicas = studio.installation, studio.replicas
    assert isinstance(replicas, DirectReplicas)
    model = installation.catalog.models["mini"]
    replica = TrainerReplica(model, partial(open_files, installation), world.folder / "trainings", trainer.begin)
    catalog = installation.catalog.model_copy(update={"models": {"mini": model}})
    stored = CachedStore(None, blob_folder(installation), 10**9)
    replicas._deployments = {**replicas._deployments, "trainer-mini": replica, EXAMINER: Examiner(catalog, stored)}


async def _picture(studio: Studio, colour: str) -> LearnedPicture:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(buffer, "PNG")
    return LearnedPicture(sha256=await studio.blobs.put(buffer.getvalue()), caption=f"a {colour} square")


async def test_it_goes_on_to_the_same_losses_and_the_examiner_takes_what_it_learned(world: World) -> None:
    torch.set_num_threads(1)
    undisturbed, told = await _learn(World(world.folder / "other"), None)
    assert (undisturbed.status, undisturbed.failure) == (JobStatus.COMPLETE, None)
    assert told.adapter is not None
    assert told.adapter["version"] == "1.0.0"
    lost, again = await _learn(world, 3)
    assert (lost.status, lost.failure) == (JobStatus.COMPLETE, None)
    assert again.losses == told.losses
    assert again.checkpoints.keys() == told.checkpoints.keys() == {2, 4}

"""The replica that trains: one training at a time, told as it goes, given back at any step."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path

from configs.errors import AtelierError, StageError, StageUnavailable
from configs.schema import ModelConfig
from deployments.blobs.keeper import FileKeeper
from deployments.trainings import HaltRequest, Queued, TrainerTold, TrainRequest
from training.lora.comparison import Judge, judge_adapters
from training.lora.lesson import Begin, Lesson, begin_run
from training.lora.workspace import Workspace

_PATIENCE_SECONDS = 60.0  # for the last step and the checkpoint of an attempt that was given up
_log = logging.getLogger("atelier.trainer")


class TrainerReplica:
    """Trains LoRAs for one model. What is under way can be told to stop (`halt`); who hangs up stops it, too."""

    def __init__(
        self,
        model: ModelConfig,
        open_files: Callable[[], FileKeeper],
        folder: Path,
        begin: Begin = begin_run,
        judge: Judge = judge_adapters,
        nice: int = 0,
    ) -> None:
        """`folder` is where this node keeps checkpoints and what was encoded. `nice` is by how much this process lets
        others go first."""
        self._model, self._begin, self._judge, self._folder = model, begin, judge, folder
        self._files = open_files()
        self._lessons: dict[str, Lesson] = {}
        self._thread = ThreadPoolExecutor(1, "train")
        if nice:
            os.nice(nice)

    async def train(self, request: TrainRequest) -> AsyncIterator[TrainerTold]:
        """Train, or go on with a training. Ends with `Finished` or `Halted`.

        Raises `StageUnavailable` where its node or the file store fails for now, and `StageError` and others for what
        no further attempt mends.
        """
        workspace = Workspace(self._folder, request.job_id, self._files)
        lesson = Lesson(request, workspace, self._model, self._begin, self._judge)
        earlier = self._lessons.get(request.job_id)
        self._lessons[request.job_id] = lesson
        try:
            if earlier is not None:
                await earlier.give_up(_PATIENCE_SECONDS)
            if any(one is not lesson for one in self._lessons.values()):
                yield Queued()
            async with aclosing(self._told(lesson)) as told:
                async for each in told:
                    yield each
        finally:
            if self._lessons.get(request.job_id) is lesson:
                del self._lessons[request.job_id]

    async def halt(self, request: HaltRequest) -> None:
        """Have a training stop before its next step, with a checkpoint; nothing where it is not here."""
        if request.job_id in self._lessons:
            self._lessons[request.job_id].halt(request.wish)

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Whatever is under way saves a checkpoint and stops."""
        for lesson in self._lessons.values():
            lesson.halt("give_way")
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _told(self, lesson: Lesson) -> AsyncGenerator[TrainerTold, None]:
        try:
            async with aclosing(lesson.told(self._thread)) as told:
                async for each in told:
                    yield each
        except AtelierError:
            raise
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise StageUnavailable(f"the trainer of {self._model.id} cannot use its node's disk ({why})") from None
        except Exception:  # noqa: BLE001 - the boundary of what trains: its message is for the log
            _log.exception("training %s failed", lesson.job_id)
            raise StageError(f"the trainer of {self._model.id} failed unexpectedly; its log has details") from None

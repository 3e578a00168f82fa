"""One training in a replica: the trainer on a thread of its own, and what it tells on its way to the conductor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from configs.errors import StageUnavailable
from configs.schema import ModelConfig
from configs.training import TrainingSettings
from deployments.trainings import (
    Caching,
    Finished,
    Halted,
    HaltWish,
    HeldOut,
    Judging,
    Kept,
    Learned,
    Learning,
    Recommended,
    SamplesDrawn,
    TrainerTold,
    TrainRequest,
)
from training.lora.comparison import Comparison, Judge
from training.lora.events import Began, Ended, Event, Sampled, Saved, Stepped, Stopped, Validated, Wish
from training.lora.judging.events import Judged, JudgingEvent, JudgingStopped, Looked
from training.lora.judging.events import Judging as Drawing
from training.lora.pictures import TrainingPicture
from training.lora.workspace import Workspace

_WISHES: Mapping[HaltWish, Wish] = {"give_way": Wish.GIVE_WAY, "cancel": Wish.CANCEL}


@dataclass(frozen=True, slots=True)
class Task:
    """What a trainer is begun with: `folder` holds this run, `cache` what any run has encoded, and `about` is written
    into the adapter's file."""

    model: ModelConfig
    pictures: Sequence[TrainingPicture]
    settings: TrainingSettings
    folder: Path
    cache: Path
    about: Mapping[str, str]


class Running(Protocol):
    """A trainer that is about to run."""

    def run(self, wanted: Callable[[], Wish]) -> Iterator[Event]:
        """Train, asking `wanted` before each step."""
        ...


Begin: TypeAlias = Callable[[Task], Running]


def begin_run(task: Task) -> Running:
    """The trainer itself. Raises ConfigError and StageError."""
    from training.lora.base import load_base
    from training.lora.trainer import Trainer

    base = load_base(task.model, task.settings)
    return Trainer(base, task.pictures, task.settings, task.folder, task.cache, task.about)


class Lesson:
    """Of one request. It is told once."""

    def __init__(
        self, request: TrainRequest, workspace: Workspace, model: ModelConfig, begin: Begin, judge: Judge
    ) -> None:
        self._request, self._workspace, self._model = request, workspace, model
        self._begin, self._judge = begin, judge
        self._wish = Wish.GO_ON
        self._ended = asyncio.Event()
        self.job_id = request.job_id

    def halt(self, wish: HaltWish) -> None:
        """Stop before the next step."""
        self._wish = _WISHES[wish]

    async def give_up(self, seconds: float) -> None:
        """Stop, and wait until nothing of it goes on. Raises `StageUnavailable` where that takes longer."""
        self.halt("give_way")
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            raise StageUnavailable("an earlier attempt of this training has yet to end") from None

    async def told(self, thread: Executor) -> AsyncGenerator[TrainerTold, None]:
        """All that happens. Who closes it early has it stop: a checkpoint stays on this node then."""
        began = time.monotonic()
        yield Caching()
        try:
            task = await self._task()
        except BaseException:
            self._ended.set()
            raise
        events: asyncio.Queue[Event | JudgingEvent | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def put(event: Event | JudgingEvent | None) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(events.put_nowait, event)

        work = loop.run_in_executor(thread, self._work, task, put)
        work.add_done_callback(lambda _: self._ended.set())
        try:
            while (event := await events.get()) is not None:
                if (told := await self._translate(event, began)) is not None:
                    yield told
            await work
        finally:
            self._wish = Wish.GIVE_WAY if self._wish is Wish.GO_ON else self._wish
            with suppress(Exception):  # it is told above, where anybody still listens
                await asyncio.shield(work)

    async def _task(self) -> Task:
        request, workspace = self._request, self._workspace
        await workspace.restore(request.checkpoint)
        files = await workspace.open_pictures(request.pictures)
        pictures = tuple(
            TrainingPicture(files[one.sha256], one.caption, one.sha256, one.held_out, one.is_prior, one.worded)
            for one in request.pictures
        )
        return Task(self._model, pictures, request.settings, workspace.folder, workspace.cache, request.about)

    def _work(self, task: Task, put: Callable[[Event | JudgingEvent | None], None]) -> None:
        """On the thread of the trainer."""
        try:
            for event in self._learn_and_judge(task):
                if isinstance(event, Saved):
                    self._workspace.hold(event.step)
                put(event)
        finally:
            put(None)

    def _learn_and_judge(self, task: Task) -> Iterator[Event | JudgingEvent]:
        """`Ended` is the last, where nothing stops it."""
        losses: dict[int, Mapping[float, float]] = {}
        for event in self._begin(task).run(lambda: self._wish):
            if isinstance(event, Validated):
                losses[event.step] = event.loss_by_noise
            if isinstance(event, Ended) and self._request.is_judged:
                yield from self._compare(task, losses)
                if self._wish is not Wish.GO_ON:
                    return
            yield event

    def _compare(self, task: Task, losses: Mapping[int, Mapping[float, float]]) -> Iterator[JudgingEvent]:
        request = self._request
        adapters = self._workspace.open_adapters(request.known)
        asked = Comparison(self._model, adapters, task.pictures, request.settings, losses, task.folder)
        yield from self._judge(asked, request.trigger, request.dataset, lambda: self._wish)

    async def _translate(self, event: Event | JudgingEvent, began: float) -> TrainerTold | None:
        match event:
            case Drawing():
                return Judging(event.share)
            case Looked():
                return None
            case JudgingStopped():
                code: HaltWish = "cancel" if self._wish is Wish.CANCEL else "give_way"
                return Halted(self._request.settings.steps, code, "it stopped while its checkpoints were compared")
            case Judged():
                return await self._recommend(event)
            case _:
                return await self._tell(event, began)

    async def _recommend(self, event: Judged) -> Recommended:
        pick, judgement = event.judgement.pick, event.judgement.model_dump(mode="json")
        (sheet,) = await self._workspace.keep_pictures(event.sheet)
        return Recommended(pick.step, pick.strength, pick.reasons, judgement, sheet)

    async def _tell(self, event: Event, began: float) -> TrainerTold:
        match event:
            case Began():
                return Learning(event.step, event.steps, event.cached_seconds, event.parameters, event.memory_bytes)
            case Stepped():
                return Learned(event.step, event.steps, event.loss, event.seconds, event.eta_seconds)
            case Validated():
                return HeldOut(event.step, dict(event.loss_by_noise))
            case Saved():
                return Kept(await self._workspace.keep(event.step))
            case Sampled():
                return SamplesDrawn(event.step, await self._workspace.keep_pictures(*event.pictures))
            case Stopped():
                return Halted(event.step, event.code, event.reason)
            case Ended():
                return Finished(event.step, time.monotonic() - began)

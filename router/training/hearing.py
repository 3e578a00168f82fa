"""What a trainer tells, on its way into the log, the rows and the rates."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from configs.judgement import Judgement
from deployments.messages import Loading
from deployments.trainings import (
    Caching,
    CheckpointFiles,
    Finished,
    Halted,
    HeldOut,
    Judging,
    Kept,
    Learned,
    Learning,
    Queued,
    Recommended,
    SamplesDrawn,
    TrainerTold,
)
from router.jobs.model import EventType, JobStatus
from router.jobs.payloads import CheckpointKept, Judged, SamplesKept, Validated
from router.studio import Studio
from router.training.diary import Diary
from router.training.estimate import judging_work, learning_work
from router.training.keeping import Keeping
from router.training.outcome import Ended, PutOff, failed
from router.training.plan import TrainingPlan

_GAVE_WAY_SECONDS = 15.0
_WAITS: Mapping[type, tuple[str, str]] = {
    Loading: ("loading", "a trainer is starting"),
    Queued: ("queued", "another training is under way"),
    Caching: ("caching", "loading the model, encoding pictures and captions"),
}
"""What is said of one that has yet to learn: its stage, and a sentence."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The adapter to take into the library: after which step, by its hash, and the strength to draw with as a rule."""

    step: int
    adapter: str
    strength: float = 1.0
    reasons: tuple[str, ...] = ()


class Hearing:
    """Of one training. `learning` while the trainer takes steps, `kept` the step of the last checkpoint."""

    def __init__(self, studio: Studio, plan: TrainingPlan, diary: Diary, keeping: Keeping) -> None:
        self._studio, self._plan, self._diary, self._keeping = studio, plan, diary, keeping
        self._adapters: dict[int, str] = {}
        self._recommended: Recommended | None = None
        self._judged_since: float | None = None
        self.learning, self.kept = False, 0

    def begin(self, checkpoint: CheckpointFiles | None, known: Mapping[int, str]) -> None:
        """A trainer is asked to go on from here."""
        self.learning, self.kept = False, 0 if checkpoint is None else checkpoint.step
        self._adapters, self._recommended, self._judged_since = dict(known), None, None

    @property
    def recommended(self) -> Choice:
        """What was recommended; the last, where nobody has compared them."""
        told = self._recommended
        if told is None or told.step not in self._adapters:
            return Choice(self.kept, self._adapters[self.kept])
        return Choice(told.step, self._adapters[told.step], told.strength, told.reasons)

    @property
    def judgement(self) -> Judgement | None:
        """None where nothing was compared."""
        return None if self._recommended is None else Judgement.model_validate(self._recommended.judgement)

    async def hear(self, message: Loading | TrainerTold) -> Ended | PutOff | None:
        """How it ends, with the last message. Raises `NotFound` where a file was swept before it was noted."""
        match message:
            case Loading() | Queued() | Caching():
                stage, detail = _WAITS[type(message)]
                await self._diary.enter(stage, detail=detail)
            case Learning():
                await self._begin(message)
            case Halted() | Finished():
                self.learning = False
                return _end(message)
            case _:
                await self._note(message)
        return None

    async def _note(self, message: Learned | HeldOut | Kept | SamplesDrawn | Judging | Recommended) -> None:
        match message:
            case Learned():
                await self._step(message)
            case HeldOut():
                told = {f"{share:g}": round(loss, 6) for share, loss in sorted(message.loss_by_noise.items())}
                await self._diary.write(EventType.VALIDATED, Validated(step=message.step, loss_by_noise=told))
            case Kept():
                await self._keep(message.checkpoint)
            case SamplesDrawn():
                await self._keeping.keep_samples(message.step, message.sha256)
                await self._diary.write(EventType.SAMPLES, SamplesKept(step=message.step, sha256=message.sha256))
            case Judging():
                await self._look(message)
            case Recommended():
                await self._judged(message)

    async def _begin(self, message: Learning) -> None:
        self.learning = True
        await self._diary.enter(
            "training",
            step=message.step,
            steps=message.steps,
            cached_seconds=round(message.cached_seconds, 2),
            parameters=message.parameters,
            memory_bytes=message.memory_bytes,
        )

    async def _step(self, message: Learned) -> None:
        settings = self._plan.settings
        pictures = settings.batch * settings.accumulation
        self._studio.rates.observe(learning_work(self._plan.model, settings), message.seconds / pictures)
        await self._diary.step(message.step, message.loss, message.seconds, message.eta_seconds)

    async def _keep(self, files: CheckpointFiles) -> None:
        await self._keeping.keep(files)
        self._adapters[files.step], self.kept = files.adapter, files.step
        await self._diary.write(EventType.CHECKPOINT, CheckpointKept(step=files.step, adapter=files.adapter))

    async def _look(self, message: Judging) -> None:
        if self._judged_since is None:
            self._judged_since = time.monotonic()
            await self._diary.enter("judging", detail=f"{len(self._adapters)} checkpoints draw, to be compared")
        await self._diary.judge(message.share)

    async def _judged(self, message: Recommended) -> None:
        self._recommended = message
        if self._judged_since is not None:
            seconds = (time.monotonic() - self._judged_since) / max(len(self._adapters), 1)
            self._studio.rates.observe(judging_work(self._plan.model), seconds)
        await self._keeping.keep_sheet(message.sheet)
        judged = Judged(
            step=message.step,
            strength=message.strength,
            reasons=message.reasons,
            sheet=message.sheet,
            judgement=message.judgement,
        )
        await self._diary.write(EventType.JUDGED, judged)


def _end(message: Halted | Finished) -> Ended | PutOff:
    if isinstance(message, Finished):
        return Ended(JobStatus.COMPLETE)
    if message.code == "give_way":
        return PutOff(_GAVE_WAY_SECONDS, message.reason)
    if message.code == "cancel":
        return Ended(JobStatus.CANCELED)
    return failed(f"training_{message.code}", message.reason)

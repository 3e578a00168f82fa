"""Each picture of a job on its way through the plan: from its last finished stage to its files and its row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from configs.errors import NotFound, StageError, StageUnavailable
from configs.schema import Size
from deployments.messages import Done, Inputs, Loading, ModelState, StepDone, Terms, Waiting
from deployments.stages.kind import Stage, Work
from router.deadlines import seconds_left
from router.iterating.origins import parents_of
from router.job_report import JobReport
from router.jobs.model import EventType, ImageRecord, JobEvent, Lease, StoredFile, Uses
from router.jobs.payloads import Payload, Retried, StageEntered
from router.kept_outputs import KeptOutputs, Reached
from router.live import LiveEvent
from router.pictures.fitting import load_inputs
from router.pictures.names import check_uploads
from router.progress import Progress
from router.recipes import write_recipe
from router.replays.writing import write_receipt
from router.stage_table import kind_of, label_of
from router.studio import Studio
from router.waiting import Patience

_PATIENCE_SECONDS = 60.0  # by which pictures of batches let those go first that somebody waits for
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0)  # seconds, for lost replicas


class PictureWalk:
    """Of the pictures of one job under its lease. While the file store is away none is begun.

    The last picture ends the job with its own commit: `ending` while that is under way, `end` is its event then.
    """

    def __init__(
        self,
        studio: Studio,
        lease: Lease,
        progress: Progress,
        outputs: KeptOutputs,
        state: Callable[[str], Awaitable[ModelState]],
        report: JobReport,
    ) -> None:
        self._studio, self._lease, self._job, self._plan = studio, lease, lease.job, lease.job.plan
        self._progress, self._outputs, self._state, self._report = progress, outputs, state, report
        self._patience = Patience(studio, lease, progress.told)
        self._opening = asyncio.Lock()
        self._opened: Inputs | None = None
        self._held: dict[int, Reached] = {}
        self._remarks: Mapping[int, tuple[str, ...]] = {}
        self.ending = False
        self.end: JobEvent | None = None

    def close(self) -> None:
        """Let go of the pictures that the job begins with, and of those that were drawn."""
        self._opened = None
        self._held.clear()

    async def make(self, index: int) -> None:
        """Make one picture; go on with it while replicas come and go."""
        await self._insist(index, len(self._plan.stages))

    async def draw(self, index: int) -> dict[str, float]:
        """Take a drawing as far as it is scored, and hold it there: its scores."""
        return (await self._insist(index, self._plan.scored)).scores

    def choose(self, remarks: Mapping[int, tuple[str, ...]]) -> None:
        """These drawings become pictures, in this order, with what is to be said of each; the others are let go."""
        self._remarks = remarks
        self._held = {index: held for index, held in self._held.items() if index in remarks}
        self._progress.choose(tuple(remarks))

    async def _insist(self, index: int, until: int) -> Reached:
        for pause in (*_PAUSES, None):
            try:
                return await self._go(index, until)
            except StageUnavailable as error:
                self._progress.restart(index)
                if pause is None:
                    raise StageError(f"gave up on picture {index + 1}: {error.message}") from error
                self._report.redraw()
                await self.append(index, EventType.RETRIED, Retried(index=index, reason=error.message))
                await asyncio.sleep(pause)
        raise AssertionError("the last pause is none")

    async def _go(self, index: int, until: int) -> Reached:
        """Take one picture through the stages of the plan that are left before `until`: hold it there, or commit it."""
        stages = self._plan.stages
        await self._patience.outlast(index, stages[0].kind, self._patience.files)
        reached = self._held.pop(index, None)
        if reached is None:
            reached = await self._patience.outlast(index, stages[0].kind, lambda: self._outputs.resume(index))
            if reached.position:
                await self._tell_resumed(index, reached.position)
        done = Done(0.0)
        for position in range(reached.position, until):
            done = await self._stage(index, stages[position], reached)
            reached = reached.after(stages[position], done)
            if reached.position < len(stages):
                reached = self._outputs.keep(index, reached)
        if until < len(stages):
            self._held[index] = reached
        else:
            await self._commit(index, done, reached)
        return reached

    async def _stage(self, index: int, stage: Stage, reached: Reached) -> Done:
        """What came out of one stage for one picture."""
        kind = kind_of(stage)
        if reached.position:
            self._progress.advance(index, reached.position, 0.0)
        work = await self._work(index, stage, reached)
        messages = self._studio.replicas.run(stage.deployment, kind.message(stage, work), reached.picture)
        async with aclosing(messages):
            async for message in messages:
                if isinstance(message, Done):
                    await self._patience.go_on(index, stage.kind)
                    self._learn(stage, message)
                    return message
                await self._hear(index, reached.position, message)
        raise StageUnavailable(f"{stage.deployment} stopped before the picture was done")

    async def _hear(self, index: int, position: int, message: Loading | Waiting | StepDone) -> None:
        if isinstance(message, Loading):
            await self._load(index, message)
        elif isinstance(message, Waiting):
            await self._patience.hold(index, message.reason)
            if self._studio.outage is None:  # a replica has found out first
                await self._studio.blobs.check()
        else:
            self._progress.advance(index, position, message.step / message.steps, message.step, message.steps)
            if message.preview is not None:
                self._progress.show(index, message.preview)

    async def _work(self, index: int, stage: Stage, reached: Reached) -> Work:
        """What a stage's message is made of. Raises `DeadlineMissed` where the job's deadline leaves no time."""
        inputs, own = await self._patience.outlast(index, stage.kind, self._inputs), self._plan.seeds[index]
        weights = reached.weights
        if reached.position and not weights:
            weights = (await self._state(self._plan.base.deployment)).weights
        seed, variations = self._plan.noise(index)
        return Work(
            request_id=f"{self._job.id}/{index}",
            seed=seed,
            recipe=write_recipe(
                self._job, self._progress.picture_of(index), weights, reached.scores, own, reached.environment
            ),
            inputs=inputs,
            picture=reached.picture,
            seconds_left=seconds_left(self._job, reached.position, datetime.now(UTC)),
            variations=variations,
            patience_seconds=_PATIENCE_SECONDS if self._job.batch else 0.0,
            terms=_terms(self._job.licence),
        )

    def _learn(self, stage: Stage, done: Done) -> None:
        for learned in kind_of(stage).learned(stage, done):
            self._studio.rates.observe(learned.work, learned.seconds)

    async def _commit(self, index: int, done: Done, reached: Reached) -> None:
        """File first, row second: a crash in between leaves a file that is swept, never a row without its file."""
        last, size = self._plan.stages[-1].kind, self._plan.size
        image = ImageRecord(
            index=self._progress.picture_of(index),
            seed=self._plan.seeds[index],
            width=size.width,
            height=size.height,
            files=tuple(
                StoredFile(
                    format=file.format,
                    media_type=file.media_type,
                    sha256=file.sha256,
                    size_bytes=file.size_bytes,
                    size=Size.model_validate(file.size) if file.size else None,
                )
                for file in done.files
            ),
            licence=self._job.licence,
            notes=reached.notes + self._remarks.get(index, ()),
            seconds=reached.seconds,
            scores=reached.scores,
            colours=done.colours,
            parents=parents_of(self._plan),
        )
        try:
            if self._plan.replayed is not None:
                await self._compare(index, last, image)
            stored = await self._patience.outlast(index, last, lambda: self._store(image, index))
        except NotFound as error:  # after a very long sleep
            raise StageUnavailable(error.message) from None
        self._progress.commit(index)
        self._studio.live.tell(self._job.id, stored)

    async def _compare(self, index: int, last: str, image: ImageRecord) -> None:
        """The receipt before the picture's row: whoever sees the job complete finds both."""
        receipt = await self._patience.outlast(index, last, lambda: write_receipt(self._studio, self._job, image))
        await self.append(index, EventType.REPLAYED, receipt)

    async def _store(self, image: ImageRecord, index: int) -> JobEvent:
        store, self.ending = self._studio.store, self._progress.undone == [index]
        if not self.ending:
            return await store.add_image(self._lease, image, expected=True)
        try:
            stored, self.end = await store.complete(self._lease, image)
        finally:
            self.ending = self.end is not None
        return stored

    async def _inputs(self) -> Inputs:
        """The pictures that the plan names, opened and handed over once for all variations."""
        async with self._opening:
            if self._opened is None:
                await check_uploads(self._studio.store, self._plan)
                self._opened = await load_inputs(self._plan, self._studio.blobs, self._studio.replicas.put)
        return self._opened

    async def _load(self, index: int, message: Loading) -> None:
        """The model is not in memory: the log says so, and so does everybody who shows the job."""
        self._report.load()
        detail, seconds = f"loading model {message.model}", round(message.eta_seconds, 1)
        told_live = self._progress.told(index, "loading", message.eta_seconds)
        told_live |= {"detail": detail, "eta_seconds": seconds}
        self._studio.live.tell(self._job.id, LiveEvent("progress", told_live))
        entered = StageEntered(stage="loading", index=index, model=message.model, detail=detail, eta_seconds=seconds)
        await self.append(index, EventType.STAGE, entered)

    async def _tell_resumed(self, index: int, position: int) -> None:
        before, following = self._plan.stages[position - 1].kind, self._plan.stages[position].kind
        detail = f"goes on after {label_of(before)}, which was kept"
        await self.append(index, EventType.STAGE, StageEntered(stage=following, index=index, detail=detail))

    async def log(self, *types: EventType) -> tuple[JobEvent, ...]:
        """What the job's log has of these types."""
        read = self._studio.store.log
        return await self._patience.outlast(0, "base", lambda: read(self._job.id, *types))

    async def append(self, index: int, type: EventType, payload: Payload) -> None:
        """Write a line to the job's log, for which picture `index` waits, and tell of it."""
        event = await self._patience.outlast(
            index, "base", lambda: self._studio.store.append(self._lease, type, payload.told())
        )
        self._studio.live.tell(self._job.id, event)


def _terms(held: Uses) -> Terms:
    return Terms(reference=held.reference, internal=held.internal, product=held.product)

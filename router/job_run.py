"""One leased job on its way through the plan: every picture drawn, enlarged, finished, stored and committed."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime

from configs.errors import AtelierError, Canceled, LeaseLost, StageError, StageUnavailable, StoreUnavailable
from deployments.messages import Done, FinishedFile, Inputs, Loading, ModelState, PictureRef, StepDone
from deployments.stages.kind import Stage, Work
from router.deadlines import seconds_left
from router.jobs.model import EventType, ImageRecord, JobFailure, JobStatus, Lease, Parent, StoredFile
from router.live import CHANGED, LiveEvent, News
from router.pictures.fitting import load_inputs
from router.pictures.names import check_uploads
from router.recipes import write_recipe
from router.stage_table import kind_of, label_of
from router.studio import Studio
from router.waiting import Patience

_log = logging.getLogger("atelier.conductor")
_BEAT_SECONDS = 0.5
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0)  # seconds, for lost replicas
_MAX_ATTEMPTS = 5  # leases of one job before it is given up


class JobRun:
    """Walks the plan of `lease.job`. Pictures that were committed before a crash are kept and not drawn again. While
    the file store is away no picture is begun; those that are drawn stay in memory until they are stored."""

    def __init__(
        self,
        studio: Studio,
        lease: Lease,
        lease_seconds: float,
        state: Callable[[str], Awaitable[ModelState]],
    ) -> None:
        self._studio = studio
        self._lease = lease
        self._lease_seconds = lease_seconds
        self._state = state
        self._job = lease.job
        self._plan = lease.job.plan
        self._look = asyncio.Event()
        self._patience = Patience(studio, lease, self._progress)
        self._weights: dict[int, str] = {}
        self._opening = asyncio.Lock()
        self._opened: Inputs | None = None
        self._parts = dict.fromkeys(range(len(self._plan.seeds)), 0.0)
        self._parts |= {image.index: 1.0 for image in lease.job.images}

    @property
    def progress(self) -> float:
        """0…1 over all pictures, in planned time."""
        return sum(self._parts.values()) / len(self._parts)

    def look(self) -> None:
        """Look at the cancel flag now."""
        self._look.set()

    async def run(self) -> None:
        """Walk to the end of the plan and end the job; give it back when this task is canceled (shutdown)."""
        last: News = CHANGED
        self._tell(CHANGED)
        try:
            status, failure = await self._outcome()
            last = await self._end(status, failure)
        except LeaseLost as error:
            _log.warning("job %s stops here and is leased again when its lease runs out: %s", self._job.id, error)
        except asyncio.CancelledError:
            with suppress(LeaseLost, StoreUnavailable):
                await asyncio.shield(self._studio.store.release(self._lease))
            raise
        finally:
            self._opened = None  # what was handed over is let go
            self._studio.live.forget(self._job.id)
        self._tell(last)

    async def _outcome(self) -> tuple[JobStatus, JobFailure | None]:
        if self._job.attempt > _MAX_ATTEMPTS:
            message = f"given up after {_MAX_ATTEMPTS} attempts that each ended with a crash of the worker"
            return JobStatus.FAILED, JobFailure(code="too_many_attempts", message=message)
        try:
            async with asyncio.TaskGroup() as group:
                beat = group.create_task(self._beat())
                pictures = [group.create_task(self._picture(i)) for i, part in self._parts.items() if part < 1]
                await asyncio.gather(*pictures)
                beat.cancel()
        except BaseExceptionGroup as failures:
            return self._judge(failures)
        return JobStatus.COMPLETE, None

    def _judge(self, failures: BaseExceptionGroup[BaseException]) -> tuple[JobStatus, JobFailure | None]:
        """The status that an error means. A lost lease says nothing about the job and is raised."""
        if lost := failures.subgroup(LeaseLost):
            raise _leaf(lost)
        if failures.subgroup(Canceled):
            return JobStatus.CANCELED, None
        error = _leaf(failures)
        if isinstance(error, AtelierError):
            return JobStatus.FAILED, JobFailure(code=error.code, message=error.message)
        _log.error("job %s failed unexpectedly", self._job.id, exc_info=error)
        return JobStatus.FAILED, JobFailure(code="internal_error", message="an unexpected error; the log has details")

    async def _end(self, status: JobStatus, failure: JobFailure | None) -> News:
        """End the job, as soon as the database is there."""
        while True:
            with suppress(StoreUnavailable):
                return await self._studio.store.end(self._lease, status, failure)
            await asyncio.sleep(_BEAT_SECONDS)

    async def _beat(self) -> None:
        """Keep the lease and the stored progress alive; stop everything when a cancel is requested. A lease that ran
        out while the database was away is taken again, unless another worker was first."""
        while True:
            with suppress(StoreUnavailable):
                if await self._studio.store.heartbeat(self._lease, self._lease_seconds, self.progress):
                    raise Canceled("canceled by request")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), _BEAT_SECONDS)
            self._look.clear()

    async def _picture(self, index: int) -> None:
        """Make one picture; start it again while replicas come and go."""
        for pause in (*_PAUSES, None):
            try:
                await self._make(index)
                return
            except StageUnavailable as error:
                self._parts[index] = 0.0
                if pause is None:
                    raise StageError(f"gave up on picture {index + 1}: {error.message}") from error
                await self._append(index, EventType.RETRIED, {"index": index, "reason": error.message})
                await asyncio.sleep(pause)

    async def _make(self, index: int) -> None:
        """Take one picture through the stages of the plan, store its files and commit it."""
        seconds: dict[str, float] = {}
        notes: tuple[str, ...] = ()
        await self._patience.outlast(index, self._plan.stages[0].kind, self._patience.files)
        done = Done(0.0)
        for position, stage in enumerate(self._plan.stages):
            done = await self._stage(index, position, stage, done.picture)
            seconds[stage.kind] = done.seconds
            notes += done.notes
        await self._commit(index, done.files, notes, seconds)

    async def _stage(self, index: int, position: int, stage: Stage, picture: PictureRef | None) -> Done:
        """What came out of one stage for one picture."""
        kind = kind_of(stage)
        if position:
            self._advance(index, position, 0.0)
        work = await self._work(index, position, picture)
        messages = self._studio.replicas.run(stage.deployment, kind.message(stage, work), picture)
        async with aclosing(messages):
            async for message in messages:
                if isinstance(message, Loading):
                    await self._wait(index, message)
                elif isinstance(message, StepDone):
                    self._hear(index, position, message)
                else:
                    self._learn(stage, message)
                    if position == 0:
                        self._weights[index] = message.weights
                    return message
        raise StageUnavailable(f"{stage.deployment} stopped before the picture was done")

    async def _work(self, index: int, position: int, picture: PictureRef | None) -> Work:
        """What a stage's message is made of. Raises `DeadlineMissed` where the job's deadline leaves no time."""
        stage = self._plan.stages[position]
        inputs = await self._patience.outlast(index, stage.kind, self._inputs)
        weights = ""
        if position:
            weights = self._weights[index] or (await self._state(self._plan.base.deployment)).weights
        return Work(
            request_id=f"{self._job.id}/{index}",
            seed=self._plan.seeds[index],
            recipe=write_recipe(self._job, index, weights),
            inputs=inputs,
            picture=picture,
            seconds_left=seconds_left(self._job, position, datetime.now(UTC)),
        )

    def _learn(self, stage: Stage, done: Done) -> None:
        for learned in kind_of(stage).learned(stage, done):
            self._studio.rates.observe(learned.work, learned.seconds)

    async def _commit(
        self, index: int, finished: Sequence[FinishedFile], notes: tuple[str, ...], seconds: dict[str, float]
    ) -> None:
        """Blob first, row second: a crash in between leaves an orphan blob, never a row without its file."""
        last, size = self._plan.stages[-1].kind, self._plan.size
        image = ImageRecord(
            index=index,
            seed=self._plan.seeds[index],
            width=size.width,
            height=size.height,
            files=tuple([await self._keep(index, last, file) for file in finished]),
            licence=self._job.licence,
            notes=notes,
            seconds=seconds,
            parents=tuple(
                Parent(asset_id=given.asset_id, role=given.role) for given in self._plan.base.pictures if given.asset_id
            ),
        )
        stored = await self._patience.outlast(index, last, lambda: self._studio.store.add_image(self._lease, image))
        self._parts[index] = 1.0
        self._tell(stored)

    async def _keep(self, index: int, stage: str, file: FinishedFile) -> StoredFile:
        key = await self._patience.outlast(index, stage, lambda: self._studio.blobs.put(file.data))
        return StoredFile(format=file.format, media_type=file.media_type, sha256=key, size_bytes=len(file.data))

    async def _inputs(self) -> Inputs:
        """The pictures that the plan names, opened and handed over once for all variations."""
        async with self._opening:
            if self._opened is None:
                await check_uploads(self._studio.store, self._job.owner, self._plan)
                self._opened = await load_inputs(self._plan, self._studio.blobs, self._studio.replicas.put)
        return self._opened

    async def _wait(self, index: int, message: Loading) -> None:
        """The model is not in memory: the log says so, and so does everybody who shows the job."""
        told = {"detail": f"loading model {message.model}", "eta_seconds": round(message.eta_seconds, 1)}
        payload = {"stage": "loading", "index": index, "model": message.model}
        told_live = self._progress(index, "loading", message.eta_seconds) | told
        self._tell(LiveEvent("progress", told_live))
        await self._append(index, EventType.STAGE, payload | told)

    async def _append(self, index: int, type: EventType, payload: dict[str, object]) -> None:
        self._tell(
            await self._patience.outlast(index, "base", lambda: self._studio.store.append(self._lease, type, payload))
        )

    def _hear(self, index: int, position: int, message: StepDone) -> None:
        self._advance(index, position, message.step / message.steps, message.step, message.steps)
        if message.preview is not None:
            image = "data:image/webp;base64," + base64.b64encode(message.preview).decode()
            self._tell(LiveEvent("preview", {"job_id": self._job.id, "index": index, "image": image}))

    def _advance(self, index: int, position: int, share: float, step: int = 0, steps: int = 0) -> None:
        """Note that a picture is through with a `share` of the stage at `position`, and tell the watchers."""
        planned = [stage.estimated_seconds for stage in self._plan.stages]
        behind = sum(planned[:position]) + share * planned[position]
        self._parts[index] = max(self._parts[index], min(behind / sum(planned), 0.99))
        stage = self._plan.stages[position].kind
        self._tell(LiveEvent("progress", self._progress(index, stage) | {"step": step, "steps": steps}))

    def _progress(self, index: int, stage: str, delay: float = 0.0) -> dict[str, object]:
        """What is said of a picture in a stage; `delay` are the seconds before it goes on as planned."""
        left = self._plan.estimated_seconds * (1 - self.progress) + delay
        return {
            "job_id": self._job.id,
            "progress": round(self.progress, 4),
            "index": index,
            "stage": stage,
            "label": label_of(stage),
            "step": 0,
            "steps": 0,
            "estimated_time_seconds": round(left, 2),
        }

    def _tell(self, news: News) -> None:
        self._studio.live.tell(self._job.id, news)


def _leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first

"""One leased training: its trainer is followed, its lease is kept, and it is ended, put off or given back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any, TypeVar, cast

from configs.errors import AtelierError, Canceled, LeaseLost, NotFound, StageUnavailable, StoreUnavailable
from deployments.messages import Loading
from deployments.trainings import HaltRequest, HaltWish, TrainerTold, TrainRequest
from router.jobs.model import EventType, JobEvent, JobStatus, Lease
from router.jobs.payloads import AdapterAdopted, Retried, StageEntered
from router.live import CHANGED, News
from router.metrics import JOBS
from router.studio import Studio
from router.training.about import about
from router.training.adoption import Adoption
from router.training.candidacy import stand
from router.training.diary import Diary
from router.training.hearing import Hearing
from router.training.keeping import Keeping
from router.training.outcome import Ended, PutOff, failed
from router.training.pressure import Pressure
from router.training.record import RECORDED, Record

T = TypeVar("T")

_log = logging.getLogger("atelier.conductor")
_BEAT_SECONDS = 0.5
_LOOK_EVERY = 4  # beats between looks at what waits
_HALT_SECONDS = 30.0  # for the step that is under way, and a checkpoint
_MAX_ATTEMPTS = 5  # leases without coming further before it is given up
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0)  # seconds, for lost replicas
_LONG_PAUSE_SECONDS = 60.0


class TrainingRun:
    """Follows the training of `lease.job`. What was kept before a crash is not learned again."""

    def __init__(self, studio: Studio, lease: Lease, lease_seconds: float) -> None:
        self._studio, self._lease, self._job = studio, lease, lease.job
        self._lease_seconds, self._plan = lease_seconds, lease.job.training
        self._look, self._halted = asyncio.Event(), False
        self._put_off: PutOff | None = None
        self._diary = Diary(lease, self._append, self._tell)
        self._keeping = Keeping(studio.store, lease, self._outlast)
        self._pressure = Pressure(studio, self._plan)
        self._hearing = Hearing(studio, self._plan, self._diary, self._keeping)

    def look(self) -> None:
        """Look at the cancel flag now."""
        self._look.set()

    async def run(self) -> None:
        """Train to the end and end the job; give it back when this task is canceled (shutdown)."""
        last: News = CHANGED
        self._tell(CHANGED)
        try:
            last = await self._close(await self._outcome())
        except LeaseLost as error:
            _log.warning("training %s stops here and is leased again when its lease runs out: %s", self._job.id, error)
        except asyncio.CancelledError:
            with suppress(LeaseLost, StoreUnavailable):
                await asyncio.shield(self._studio.store.release(self._lease))
            raise
        finally:
            self._studio.live.forget(self._job.id)
        self._tell(last)

    async def _outcome(self) -> Ended | PutOff:
        try:
            async with asyncio.TaskGroup() as group:
                beat = group.create_task(self._beat())
                outcome = await self._train()
                beat.cancel()
        except BaseExceptionGroup as failures:
            return self._judge(failures)
        return outcome

    def _judge(self, failures: BaseExceptionGroup[BaseException]) -> Ended | PutOff:
        """What an error means. A lost lease says nothing about the job and is raised."""
        if lost := failures.subgroup(LeaseLost):
            raise _leaf(lost)
        if failures.subgroup(Canceled):
            return Ended(JobStatus.CANCELED)
        error = _leaf(failures)
        if isinstance(error, AtelierError):
            return failed(error.code, error.message)
        _log.error("training %s failed unexpectedly", self._job.id, exc_info=error)
        return failed("internal_error", "an unexpected error; the log has details")

    async def _close(self, outcome: Ended | PutOff) -> JobEvent:
        store = self._studio.store
        if isinstance(outcome, PutOff):
            told = StageEntered(stage="paused", detail=outcome.reason).told()
            return await self._outlast(lambda: store.put_off(self._lease, outcome.seconds, told))
        self._studio.metrics.count(JOBS, outcome=outcome.status.value, model=self._plan.model, quality="training")
        return await self._outlast(lambda: store.end(self._lease, outcome.status, outcome.failure))

    async def _train(self) -> Ended | PutOff:
        """Learn, and take what was learned into the library."""
        record = Record.read(await self._outlast(lambda: self._studio.store.log(self._job.id, *RECORDED)))
        if record.attempts > _MAX_ATTEMPTS:
            return failed("too_many_attempts", f"given up: it came no further in {_MAX_ATTEMPTS} attempts")
        if (held := await self._outlast(self._pressure.hold_back)) is not None:
            return PutOff(*held)
        outcome = await self._insist(self._learn)
        if not isinstance(outcome, Ended) or outcome.status is not JobStatus.COMPLETE:
            return outcome
        adopted = await self._insist(lambda: self._outlast(self._adopt))
        if isinstance(adopted, PutOff):
            return adopted
        await self._diary.write(EventType.ADAPTER, adopted)
        return outcome

    async def _adopt(self) -> AdapterAdopted:
        standing = await stand(self._studio, self._job, self._hearing.judgement)
        return await Adoption(self._studio, self._job).take(self._hearing.recommended, standing.mark, standing.why)

    async def _insist(self, work: Callable[[], Awaitable[T]]) -> T | PutOff:
        """What `work` returns, tried while replicas come and go; after a while it is left for later."""
        pauses = iter(_PAUSES)
        while True:
            before = self._hearing.kept
            try:
                return await work()
            except (StageUnavailable, StoreUnavailable) as error:
                pauses = pauses if self._hearing.kept == before else iter(_PAUSES)
                pause = next(pauses, None)
                if pause is None:
                    return PutOff(_LONG_PAUSE_SECONDS, error.message)
                await self._diary.write(EventType.RETRIED, Retried(index=0, reason=error.message))
                await asyncio.sleep(pause)

    async def _learn(self) -> Ended | PutOff:
        """Follow the trainer from the last checkpoint to the end of its stream."""
        checkpoint, known = await self._keeping.recall()
        self._hearing.begin(checkpoint, known)
        request = TrainRequest(
            job_id=self._job.id,
            attempt=self._lease.token,
            settings=self._plan.settings,
            pictures=self._plan.pictures,
            trigger=self._plan.trigger,
            checkpoint=checkpoint,
            known=known,
            about=about(self._job.id, self._plan),
            is_judged=self._plan.is_judged,
            dataset=self._plan.dataset.sha256,
        )
        stream = cast(
            AsyncGenerator[Loading | TrainerTold, None], self._studio.replicas.run(self._plan.deployment, request)
        )
        async with aclosing(stream) as messages:
            async for message in messages:
                try:
                    outcome = await self._hearing.hear(message)
                except NotFound as error:  # after a very long sleep
                    raise StageUnavailable(error.message) from None
                if outcome is not None:
                    return self._put_off if isinstance(outcome, PutOff) and self._put_off else outcome
        raise StageUnavailable(f"{self._plan.deployment} stopped before the training was done")

    async def _beat(self) -> None:
        """Keep the lease and the stored progress alive; have the trainer stop when a cancel is requested, or when
        others are to go first."""
        if self._job.cancel_requested:
            raise Canceled("canceled by request")
        beats = 0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_SECONDS):  # no `wait_for`, which loses a cancel in Python 3.11
                    await self._look.wait()
            self._look.clear()
            beats += 1
            with suppress(StoreUnavailable):
                canceled = await self._studio.store.heartbeat(self._lease, self._lease_seconds, self._diary.share)
                if canceled:
                    await self._halt("cancel")
                    raise Canceled("canceled by request")
                if beats % _LOOK_EVERY == 0:
                    await self._give_way()

    async def _give_way(self) -> None:
        """Have the trainer stop where it is to let others go first; its stream then ends by itself."""
        if self._put_off is None and self._hearing.learning:
            held = await self._pressure.give_way()
            if held is not None:
                self._put_off = PutOff(*held)
                await self._ask("give_way")

    async def _halt(self, wish: HaltWish) -> None:
        """Have the trainer stop, and wait for its last checkpoint as long as that may take."""
        if self._hearing.learning:
            await self._ask(wish)
            with suppress(TimeoutError):
                async with asyncio.timeout(_HALT_SECONDS):
                    while self._hearing.learning:
                        await asyncio.sleep(_BEAT_SECONDS / 10)
                        await self._beat_once()

    async def _beat_once(self) -> None:
        await self._studio.store.heartbeat(self._lease, self._lease_seconds, self._diary.share)

    async def _ask(self, wish: HaltWish) -> None:
        request: Any = HaltRequest(self._job.id, wish)
        with suppress(StageUnavailable):
            async with aclosing(self._studio.replicas.run(self._plan.deployment, request)) as answers:
                async for _ in answers:
                    pass

    async def _append(self, type: EventType, payload: dict[str, Any]) -> JobEvent:
        return await self._outlast(lambda: self._studio.store.append(self._lease, type, payload))

    async def _outlast(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns, as soon as the database is there."""
        while True:
            with suppress(StoreUnavailable):
                return await work()
            await asyncio.sleep(_BEAT_SECONDS)

    def _tell(self, news: News) -> None:
        self._studio.live.tell(self._job.id, news)


def _leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first

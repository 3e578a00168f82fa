"""The conductor leases jobs, a few at a time, and has each one walked through its plan."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncGenerator, Coroutine
from contextlib import suppress
from typing import Any

from configs.errors import StageError, StageUnavailable, StoreUnavailable
from configs.placements import GeneratorPlacement
from deployments.messages import ModelState
from router.experiments.runs.feeder import Feeder
from router.experiments.watch import Watch
from router.job_run import JobRun
from router.jobs.model import JobKind, Lease
from router.live import Bulletin, Telling
from router.operations.gauges import Gauges
from router.studio import Studio
from router.sweeping import sweep_forever
from router.training.run import TrainingRun
from router.webhooks.sender import Sender

_log = logging.getLogger("atelier.conductor")
_IDLE_SECONDS = 1.0  # between looks at the queue when nobody woke us
_RENEW_SECONDS = 2.0  # in which jobs in work here renew leases that ran out while the database was away
_PUBLISH_SECONDS = 2.0
_KEEP_RATES_SECONDS = 20.0
_FOLLOWED_SECONDS = 5.0  # a quarter of what a conductor has to end in, which whoever stops the studio waits for
LEASE_SECONDS = 15.0  # a job whose worker died goes on after this long


class Conductor:
    """Works on up to `profile.parallel_jobs` jobs of the shared queue, and beside them on a training for each trainer.
    `start` and `stop` belong to one event loop."""

    def __init__(self, studio: Studio, lease_seconds: float = LEASE_SECONDS) -> None:
        self._studio = studio
        self._lease_seconds = lease_seconds
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._runs: dict[str, JobRun | TrainingRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake: dict[JobKind, asyncio.Event] = {"generate": asyncio.Event(), "train": asyncio.Event()}
        self._loop: asyncio.Task[None] | None = None
        self._states: dict[str, ModelState] = {}

    @property
    def ready(self) -> bool:
        """Whether every deployment that is kept running has answered."""
        return all(placement.name in self._states for placement in self._resident())

    @property
    def found(self) -> bool:
        """It is this one."""
        return True

    def start(self) -> None:
        profile = self._studio.installation.profile
        self._loop = asyncio.create_task(self._lease_forever("generate", profile.parallel_jobs), name="conductor")
        if profile.trainers:
            self._spawn(self._lease_forever("train", len(profile.trainers)))
        self._spawn(self._meet_deployments())
        self._spawn(self._publish_forever())
        self._spawn(self._keep_rates_forever())
        self._spawn(sweep_forever(self._studio))
        self._spawn(Gauges(self._studio).report_forever())
        self._spawn(self._studio.planner.run())
        self._spawn(Watch(self._studio).run())
        self._spawn(Feeder(self._studio, self.wake).feed_forever())
        self._spawn(self._sender().run())
        self._spawn(self._studio.blobs.watch())
        self._spawn(self._studio.store.watch())

    def _sender(self) -> Sender:
        studio = self._studio
        address = studio.installation.profile.webhooks.studio_url
        return Sender(studio.webhooks.queue, studio.courier, studio.metrics, address)

    async def stop(self) -> None:
        """Give running jobs back to the queue."""
        if self._loop is not None:
            self._loop.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*filter(None, [self._loop]), *self._tasks, return_exceptions=True)
        with suppress(StoreUnavailable):
            await self._keep_rates()

    async def follow(self) -> AsyncGenerator[Bulletin, None]:
        """What all jobs here tell, for a front door in another process: at once all that is known, then what happens,
        and something every second. It ends after a while, because Serve waits for it before it lets this process end:
        whoever follows asks anew."""
        end = time.monotonic() + _FOLLOWED_SECONDS
        with self._studio.live.tap() as tap:
            yield Bulletin(self._worker, self.ready, _take(tap))
            while time.monotonic() < end:
                yield Bulletin(self._worker, self.ready, await _gather(tap))

    def check(self) -> None:
        """Raise `StageUnavailable` if nothing is leased any more."""
        if self._loop is not None and self._loop.done():
            raise StageUnavailable("the conductor has stopped")

    def wake(self) -> None:
        """There is a new job."""
        for event in self._wake.values():
            event.set()

    def cancel(self, job_id: str) -> None:
        """Look at the cancel flag of a job at once, if it runs here."""
        if job_id in self._runs:
            self._runs[job_id].look()

    async def state(self, deployment: str) -> ModelState:
        """What a deployment said of itself, asked once it has its model."""
        known = self._states.get(deployment)
        if known is None or not known.loaded:
            self._states[deployment] = await self._studio.replicas.model_state(deployment)
        return self._states[deployment]

    def _resident(self) -> list[GeneratorPlacement]:
        profile = self._studio.installation.profile
        return [one for one in profile.generators if profile.replicas_of(one).min_replicas > 0]

    async def _meet_deployments(self) -> None:
        """Learn each resident model's measured speed before the first job needs an estimate."""
        for placement in self._resident():
            while placement.name not in self._states:
                with suppress(StageError):
                    state = await self.state(placement.name)
                    model = self._studio.installation.catalog.models[placement.model]
                    if state.loaded:
                        self._studio.rates.observe_state(model, state)
                    break
                await asyncio.sleep(0.5)

    async def _publish_forever(self) -> None:
        """What waits in the queue, no replica can know."""
        while True:
            with suppress(StoreUnavailable):
                await self._studio.replicas.publish_queue_depth(await self._studio.store.waiting())
            await asyncio.sleep(_PUBLISH_SECONDS)

    async def _keep_rates_forever(self) -> None:
        """What was measured outlives this process, and what others measured is known here."""
        while True:
            with suppress(StoreUnavailable):
                await self._keep_rates()
            await asyncio.sleep(_KEEP_RATES_SECONDS)

    async def _keep_rates(self) -> None:
        kept = await self._studio.store.rates()
        self._studio.rates.recall(kept)
        if (measured := self._studio.rates.measured) != kept:
            await self._studio.store.keep_rates(measured)

    async def _lease_forever(self, kind: JobKind, at_a_time: int) -> None:
        room = asyncio.Semaphore(at_a_time)
        while True:
            await room.acquire()
            lease = await self._next_lease(kind)
            task = self._spawn(self._run(lease))
            task.add_done_callback(lambda _: room.release())

    async def _next_lease(self, kind: JobKind) -> Lease:
        while True:
            self._wake[kind].clear()
            try:
                lease = await self._studio.store.lease(self._worker, self._lease_seconds, kind)
            except StoreUnavailable:
                await asyncio.sleep(_RENEW_SECONDS)
                continue
            except Exception:  # noqa: BLE001 - the queue must outlive whatever this was
                _log.exception("could not look at the queue; trying again")
                lease = None
            if lease is not None:
                return lease
            with suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_SECONDS):  # no `wait_for`, which loses a cancel in Python 3.11
                    await self._wake[kind].wait()

    async def _run(self, lease: Lease) -> None:
        run: JobRun | TrainingRun
        if lease.job.kind == "train":
            run = TrainingRun(self._studio, lease, self._lease_seconds)
        else:
            run = JobRun(self._studio, lease, self._lease_seconds, self.state)
        self._runs[lease.job.id] = run
        try:
            await run.run()
        except Exception:  # noqa: BLE001 - one job's misfortune must not stop the queue; its lease runs out
            _log.exception("job %s stopped unexpectedly and will be leased again", lease.job.id)
        finally:
            self._runs.pop(lease.job.id, None)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _gather(tap: asyncio.Queue[Telling]) -> tuple[Telling, ...]:
    """All that a tap holds once it holds something, or nothing after a while."""
    try:
        async with asyncio.timeout(_IDLE_SECONDS):
            first = await tap.get()
    except TimeoutError:
        return ()
    return first, *_take(tap)


def _take(tap: asyncio.Queue[Telling]) -> tuple[Telling, ...]:
    """All that a tap holds."""
    return tuple(tap.get_nowait() for _ in range(tap.qsize()))

"""One leased job: its pictures are made, its lease is kept, and it is ended or given back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from configs.errors import AtelierError, Canceled, LeaseLost, StoreUnavailable
from deployments.messages import ModelState
from router.candidates import Candidates
from router.job_report import JobReport
from router.jobs.model import JobFailure, JobStatus, Lease
from router.kept_outputs import WORTH_KEEPING_SECONDS, KeptOutputs
from router.live import CHANGED, News
from router.picture_walk import PictureWalk
from router.progress import Progress
from router.studio import Studio

_log = logging.getLogger("atelier.conductor")
_BEAT_SECONDS = 0.5
_MAX_ATTEMPTS = 5  # leases of one job before it is given up


class JobRun:
    """Walks the plan of `lease.job`. What was committed or kept before a crash is not made again."""

    def __init__(
        self,
        studio: Studio,
        lease: Lease,
        lease_seconds: float,
        state: Callable[[str], Awaitable[ModelState]],
        keep_from_seconds: float = WORTH_KEEPING_SECONDS,
    ) -> None:
        self._studio = studio
        self._lease = lease
        self._lease_seconds = lease_seconds
        self._job = lease.job
        self._look = asyncio.Event()
        self._progress = Progress(lease.job, self._tell)
        self._outputs = KeptOutputs(studio, lease, keep_from_seconds)
        self._report = JobReport(studio.metrics, lease.job)
        self._walk = PictureWalk(studio, lease, self._progress, self._outputs, state, self._report)
        self._candidates = Candidates(lease.job.plan, self._walk, self._progress)

    def look(self) -> None:
        """Look at the cancel flag now."""
        self._look.set()

    async def run(self) -> None:
        """Walk to the end of the plan and end the job; give it back when this task is canceled (shutdown)."""
        last: News = CHANGED
        self._tell(CHANGED)
        try:
            status, failure = await self._outcome()
            last = self._walk.end or await self._end(status, failure)
            self._report.end(status)
        except LeaseLost as error:
            self._report.lose()
            _log.warning("job %s stops here and is leased again when its lease runs out: %s", self._job.id, error)
        except asyncio.CancelledError:
            with suppress(LeaseLost, StoreUnavailable):
                await asyncio.shield(self._studio.store.release(self._lease))
            raise
        finally:
            self._walk.close()
            self._studio.live.forget(self._job.id)
        self._tell(last)

    async def _outcome(self) -> tuple[JobStatus, JobFailure | None]:
        if self._job.attempt > _MAX_ATTEMPTS:
            message = f"given up after {_MAX_ATTEMPTS} attempts that each ended with a crash of the worker"
            return JobStatus.FAILED, JobFailure(code="too_many_attempts", message=message)
        try:
            async with asyncio.TaskGroup() as group:
                beat = group.create_task(self._beat())
                await self._recall()
                await self._candidates.settle()
                pictures = [group.create_task(self._walk.make(index)) for index in self._progress.undone]
                await asyncio.gather(*pictures)
                beat.cancel()
        except BaseExceptionGroup as failures:
            return self._judge(failures)
        finally:
            await self._outputs.close()
        return JobStatus.COMPLETE, None

    async def _recall(self) -> None:
        """Learn what was kept, as soon as the database is there."""
        while True:
            with suppress(StoreUnavailable):
                return await self._outputs.recall()
            await asyncio.sleep(_BEAT_SECONDS)

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
        if self._job.cancel_requested:
            raise Canceled("canceled by request")
        while True:  # the lease is fresh, so that the first look has time
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_SECONDS):  # no `wait_for`, which loses a cancel in Python 3.11
                    await self._look.wait()
            self._look.clear()
            with suppress(StoreUnavailable):
                if await self._heartbeat():
                    raise Canceled("canceled by request")

    async def _heartbeat(self) -> bool:
        """Whether a cancel is requested. The lease ends with the job, which the last picture may be ending now."""
        try:
            return await self._studio.store.heartbeat(self._lease, self._lease_seconds, self._progress.share)
        except LeaseLost:
            if not self._walk.ending:
                raise
            return False

    def _tell(self, news: News) -> None:
        self._report.hear(news)
        self._studio.live.tell(self._job.id, news)


def _leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first

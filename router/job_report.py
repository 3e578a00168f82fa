"""What is reported of one job under its lease: how long it waited and took, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from configs.metrics import Metrics
from router.jobs.model import HELD_BACK, Job, JobStatus
from router.live import LiveEvent, News
from router.metrics import FIRST_PREVIEW, JOB_SECONDS, JOB_WAIT, JOBS, LEASES_LOST, PICTURES_REDRAWN


class JobReport:
    """Hears what the job's watchers hear. Waits are reported once in the life of a job, and only where somebody waits:
    what batches and experiments leave lying says nothing of the studio."""

    def __init__(self, metrics: Metrics, job: Job, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._metrics, self._job, self._clock = metrics, job, clock
        self._model, self._quality = job.plan.base.model, job.plan.quality
        self._cold = False
        awaited = not job.batch and not job.owner.startswith(HELD_BACK)
        self._first_step = self._first_preview = awaited and job.attempt <= 1

    def hear(self, news: News) -> None:
        """Something is told of the job."""
        if not isinstance(news, LiveEvent):
            return
        if self._first_step and news.type == "progress" and news.data.get("step"):
            self._first_step = False
            start = "cold" if self._cold else "warm"
            self._metrics.observe(JOB_WAIT, self._age(), model=self._model, start=start)
        elif self._first_preview and news.type == "preview":
            self._first_preview = False
            self._metrics.observe(FIRST_PREVIEW, self._age(), model=self._model)

    def load(self) -> None:
        """Its model is loaded for it."""
        self._cold = True

    def redraw(self) -> None:
        """One of its pictures is begun again."""
        self._metrics.count(PICTURES_REDRAWN, model=self._model)

    def lose(self) -> None:
        """Another worker has it."""
        self._metrics.count(LEASES_LOST, model=self._model)

    def end(self, status: JobStatus) -> None:
        """It has ended here."""
        self._metrics.count(JOBS, outcome=status.value, model=self._model, quality=self._quality)
        if status is JobStatus.COMPLETE:
            self._metrics.observe(JOB_SECONDS, self._age(), model=self._model, quality=self._quality)

    def _age(self) -> float:
        """Seconds since it was accepted."""
        return max((self._clock() - self._job.created_at).total_seconds(), 0.0)

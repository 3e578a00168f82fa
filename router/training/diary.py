"""What a training writes into its log and tells its watchers, at a rate that both can bear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from router.jobs.model import EventType, Job, JobEvent, Lease
from router.jobs.payloads import LossNoted, Payload, StageEntered
from router.live import LiveEvent, News
from router.training.record import STEPS_LOGGED

_LEARNED = 0.95
"""Share of the progress that learning is; the rest is looking at what was learned."""


class Appends(Protocol):
    """How a line is written: outlasts a database that is away."""

    def __call__(self, type: EventType, payload: dict[str, Any]) -> Awaitable[JobEvent]: ...


class Diary:
    """Of one training under its lease; `share` is how far it is, 0 to 1."""

    def __init__(self, lease: Lease, append: Appends, tell: Callable[[News], None]) -> None:
        self._job: Job = lease.job
        self._append, self._tell = append, tell
        self._steps = max(self._job.training.settings.steps, 1)
        self._every = max(1, -(-self._steps // STEPS_LOGGED))
        self.share = lease.job.progress

    async def enter(self, stage: str, **told: Any) -> None:
        """It is in a stage now."""
        self._tell_live(stage, told)
        await self.write(EventType.STAGE, StageEntered(stage=stage, **told))

    async def step(self, step: int, loss: float, seconds: float, eta_seconds: float) -> None:
        """A step is done: told live, and written down where it is one of those."""
        self.share = max(self.share, _LEARNED * step / self._steps)
        told = {"step": step, "loss": round(loss, 6), "eta_seconds": round(eta_seconds, 1)}
        self._tell_live("training", told | {"steps": self._steps, "seconds": round(seconds, 4)})
        if step % self._every == 0 or step == self._steps:
            await self.write(EventType.LOSS, LossNoted.model_validate(told | {"steps": self._steps}))

    async def judge(self, share: float) -> None:
        """So much of looking at what was learned is done."""
        self.share = max(self.share, _LEARNED + (1 - _LEARNED) * share)
        self._tell_live("judging", {})

    async def write(self, type: EventType, payload: Payload) -> None:
        self._tell(await self._append(type, payload.told()))

    def _tell_live(self, stage: str, told: dict[str, Any]) -> None:
        known = {"job_id": self._job.id, "index": 0, "stage": stage, "label": stage, "step": 0, "steps": 0}
        left = told.get("eta_seconds", self._job.planned_seconds * (1 - self.share))
        live = {"progress": round(self.share, 4), "estimated_time_seconds": left}
        self._tell(LiveEvent("progress", known | live | told))

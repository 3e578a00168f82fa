"""How far the pictures of a job are, in planned time, and what its watchers are told of it."""

from __future__ import annotations

import base64
from collections.abc import Callable

from router.jobs.model import Job
from router.live import LiveEvent, News
from router.stage_table import label_of


class Progress:
    """Of one job under way; those of its pictures that are committed are done."""

    def __init__(self, job: Job, tell: Callable[[News], None]) -> None:
        self._job, self._tell = job, tell
        self._planned = [stage.estimated_seconds for stage in job.plan.stages]
        self._parts = dict.fromkeys(range(len(job.plan.seeds)), 0.0) | {image.index: 1.0 for image in job.images}

    @property
    def share(self) -> float:
        """0…1 over all pictures."""
        return sum(self._parts.values()) / len(self._parts)

    @property
    def undone(self) -> list[int]:
        """Pictures that are not committed yet."""
        return [index for index, part in self._parts.items() if part < 1]

    def restart(self, index: int) -> None:
        """What was done for a picture counts for nothing."""
        self._parts[index] = 0.0

    def commit(self, index: int) -> None:
        """A picture is done."""
        self._parts[index] = 1.0

    def advance(self, index: int, position: int, share: float, step: int = 0, steps: int = 0) -> None:
        """A picture is through with a `share` of the stage at `position`."""
        behind = sum(self._planned[:position]) + share * self._planned[position]
        self._parts[index] = max(self._parts[index], min(behind / max(sum(self._planned), 1e-9), 0.99))
        stage = self._job.plan.stages[position].kind
        self._tell(LiveEvent("progress", self.told(index, stage) | {"step": step, "steps": steps}))

    def show(self, index: int, preview: bytes) -> None:
        """A picture looks like this so far: a small WebP file."""
        image = "data:image/webp;base64," + base64.b64encode(preview).decode()
        self._tell(LiveEvent("preview", {"job_id": self._job.id, "index": index, "image": image}))

    def told(self, index: int, stage: str, delay: float = 0.0) -> dict[str, object]:
        """What is said of a picture in a stage; `delay` are the seconds before it goes on as planned."""
        left = self._job.plan.estimated_seconds * (1 - self.share) + delay
        return {
            "job_id": self._job.id,
            "progress": round(self.share, 4),
            "index": index,
            "stage": stage,
            "label": label_of(stage),
            "step": 0,
            "steps": 0,
            "estimated_time_seconds": round(left, 2),
        }

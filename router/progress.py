"""How far the pictures of a job are, in planned time, and what its watchers are told of it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence

from router.jobs.model import Job
from router.live import LiveEvent, News
from router.stage_table import label_of


class Progress:
    """Of one job under way; those of its pictures that are committed are done. Where pictures are chosen, drawings have
    numbers, and the pictures among them are known once they are chosen."""

    def __init__(self, job: Job, tell: Callable[[News], None]) -> None:
        self._job, self._tell = job, tell
        self._planned = [stage.estimated_seconds for stage in job.plan.stages]
        self._whole = max(sum(self._planned), 1e-9)
        self._until_chosen = sum(self._planned[: job.plan.scored])
        self._committed = {image.index for image in job.images}
        self._behind = dict.fromkeys(range(job.plan.drawings), 0.0)  # seconds of each drawing
        self._pictures: dict[int, int] = {}
        if job.plan.choice is None:
            self.choose(range(job.plan.drawings))

    @property
    def share(self) -> float:
        """0…1 over all pictures."""
        return sum(self._behind.values()) / self._total(len(self._behind))

    @property
    def undone(self) -> list[int]:
        """Drawings that become pictures, and are not committed yet."""
        return [number for number, index in self._pictures.items() if index not in self._committed]

    def picture_of(self, number: int) -> int:
        """The index of the picture that a drawing becomes; its own number until that is known."""
        return self._pictures.get(number, number)

    def expect(self, drawings: int, scored: Iterable[int]) -> None:
        """There are so many drawings in all, of which some are `scored`."""
        self._behind = dict.fromkeys(range(drawings), 0.0) | self._behind
        for number in scored:
            self._behind[number] = max(self._behind[number], self._until_chosen)

    def choose(self, numbers: Sequence[int]) -> None:
        """These drawings become pictures, in this order."""
        self._pictures = {number: index for index, number in enumerate(numbers)}
        for number, index in self._pictures.items():
            if index in self._committed:
                self._behind[number] = self._whole

    def restart(self, number: int) -> None:
        """What was done for a drawing counts for nothing."""
        self._behind[number] = 0.0

    def commit(self, number: int) -> None:
        """A picture is done."""
        self._committed.add(self.picture_of(number))
        self._behind[number] = self._whole

    def advance(self, number: int, position: int, share: float, step: int = 0, steps: int = 0) -> None:
        """A drawing is through with a `share` of the stage at `position`."""
        behind = sum(self._planned[:position]) + share * self._planned[position]
        self._behind[number] = max(self._behind[number], min(behind, 0.99 * self._whole))
        stage = self._job.plan.stages[position].kind
        self._tell(LiveEvent("progress", self.told(number, stage) | {"step": step, "steps": steps}))

    def show(self, number: int, preview: bytes) -> None:
        """A drawing looks like this so far: a small WebP file."""
        image = "data:image/webp;base64," + base64.b64encode(preview).decode()
        index = self.picture_of(number)
        self._tell(LiveEvent("preview", {"job_id": self._job.id, "index": index, "image": image}))

    def told(self, number: int, stage: str, delay: float = 0.0) -> dict[str, object]:
        """What is said of a drawing in a stage; `delay` are the seconds before it goes on as planned."""
        plan = self._job.plan
        more = self._total(len(self._behind)) / self._total(plan.drawings)  # drawn again, beyond what was planned
        left = plan.estimated_seconds * more * (1 - self.share) + delay
        return {
            "job_id": self._job.id,
            "progress": round(self.share, 4),
            "index": self.picture_of(number),
            "stage": stage,
            "label": label_of(stage),
            "step": 0,
            "steps": 0,
            "estimated_time_seconds": round(left, 2),
        }

    def _total(self, drawings: int) -> float:
        """Seconds of so many drawings, those that become pictures to their end."""
        return drawings * self._until_chosen + self._job.plan.pictures * (self._whole - self._until_chosen)

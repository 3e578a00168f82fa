"""Whether pictures wait so long that a training is to let them go first, and when it may go on."""

from __future__ import annotations

from datetime import UTC, datetime

from configs.placements import TrainerPlacement
from router.studio import Studio
from router.training.plan import TrainingPlan

_CALM = 0.5
"""Of the seconds for which a training gives way: below that it goes on, so that no single picture interrupts it."""
_LOOK_AGAIN_SECONDS = 15.0


class Pressure:
    """On one training: from pictures that wait, and from the clock."""

    def __init__(self, studio: Studio, plan: TrainingPlan) -> None:
        self._studio, self._plan = studio, plan

    async def hold_back(self) -> tuple[float, str] | None:
        """For how many seconds the training is not to begin, and why; None where it may. Raises `StoreUnavailable`."""
        return self._closed() or await self._busy(_CALM)

    async def give_way(self) -> tuple[float, str] | None:
        """The same of one that runs. Raises `StoreUnavailable`."""
        return self._closed() or await self._busy(1.0)

    def _closed(self) -> tuple[float, str] | None:
        window = self._plan.window
        seconds = 0.0 if window is None else window.seconds_to_open(datetime.now(UTC))
        if window is None or not seconds:
            return None
        return seconds, f"it runs overnight, from {window.opens:%H:%M} to {window.closes:%H:%M} UTC"

    async def _busy(self, share: float) -> tuple[float, str] | None:
        placed = self._placed()
        if placed is None:
            return None
        waiting = (await self._studio.store.backlog("")).seconds
        if waiting <= share * placed.give_way_seconds:
            return None
        return _LOOK_AGAIN_SECONDS, f"it gives way to pictures: {waiting:.0f} s of them are ahead"

    def _placed(self) -> TrainerPlacement | None:
        trainers = self._studio.installation.profile.trainers
        return next((one for one in trainers if one.name == self._plan.deployment), None)

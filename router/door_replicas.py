"""The replicas of a door: those few that draw nothing run beside it, of the others it knows that they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing

from configs.errors import StageUnavailable, StoreUnavailable
from deployments.messages import LoraFile, LoraReport, Message, ModelState, Picture, PictureRef, Told
from router.capacity.report import Report
from router.jobs.model import WaitingJobs
from router.operations.survey import Survey
from router.replicas import Replicas

_NO_TRIAL = (
    "this front door has no model to try it with: write it into the configs of door and workers with "
    "`python -m deployments.loras import`, or bring it to a studio that draws itself"
)


class DoorReplicas:
    """`Replicas` that ask nobody who may not be there, so that nothing at a door waits for a worker."""

    def __init__(
        self, near: Replicas, placed: Collection[str], is_drawn: Callable[[], Awaitable[bool]], start_seconds: float
    ) -> None:
        """`near` reaches those that are `placed` beside the door. `is_drawn` says whether a worker draws now: where
        none does, one takes `start_seconds` to come."""
        self._near, self._placed = near, placed
        self._is_drawn, self._start_seconds = is_drawn, start_seconds

    async def put(self, picture: Picture) -> PictureRef:
        return await self._near.put(picture)

    async def run(
        self, deployment: str, message: Message, picture: PictureRef | None = None
    ) -> AsyncGenerator[Told, None]:
        self._check(deployment)
        async with aclosing(self._near.run(deployment, message, picture)) as answers:
            async for told in answers:
                yield told

    async def model_state(self, deployment: str) -> ModelState:
        self._check(deployment)
        return await self._near.model_state(deployment)

    async def examine(self, lora: LoraFile) -> LoraReport:
        raise StageUnavailable(f"{lora.owner} is not taken in: {_NO_TRIAL}")

    async def cold_start(self, deployment: str) -> float:
        if deployment in self._placed:
            return await self._near.cold_start(deployment)
        try:
            return 0.0 if await self._is_drawn() else self._start_seconds
        except StoreUnavailable:
            return 0.0

    async def publish_queue_depth(self, waiting: Sequence[WaitingJobs]) -> None:
        """Who starts workers asks the database itself."""

    async def survey(self) -> Survey:
        return await self._near.survey()

    async def publish_capacity(self, report: Report) -> None:
        """A door decides of no replicas."""

    async def capacity(self) -> Report | None:
        return None

    def _check(self, deployment: str) -> None:
        if deployment not in self._placed:
            raise StageUnavailable(f"{deployment} runs where a worker is, and none is asked: jobs wait for one")

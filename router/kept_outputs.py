"""What finished stages have left, kept by content until their job ends: a crash, a lost replica or a drained node goes
on from there."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from configs.environment import Environment
from configs.errors import AtelierError, NotFound, StageError, StageUnavailable
from deployments.messages import Done, Message, PictureRef
from deployments.stages.kind import Stage
from deployments.stages.pixels import FINISHER, KeepRequest, RestoreRequest
from router.jobs.model import Lease, StageOutput
from router.studio import Studio

_log = logging.getLogger("atelier.conductor")

WORTH_KEEPING_SECONDS = 1.0
"""Device seconds since the last output that was kept, from which on one is kept. It costs a file of raw pixels (3 MB a
megapixel), two small transactions, and some milliseconds of a finisher beside the next stage. What took less is drawn
again about as soon as it is read, and costs nothing here: no message is sent for it."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one picture is: `position` stages are done, which left `picture`, and took `seconds` by kind. `at_risk`
    are those that would have to be done again after a crash; `scores` were measured on the way, and
    `environment` is what it was drawn in."""

    position: int = 0
    picture: PictureRef | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    weights: str = ""
    at_risk: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)
    environment: Environment | None = None

    def after(self, stage: Stage, done: Done) -> Reached:
        """… when one stage more is `done`."""
        return Reached(
            position=self.position + 1,
            picture=self.picture if done.picture is None else done.picture,
            seconds=self.seconds | {stage.kind: done.seconds},
            notes=self.notes + done.notes,
            weights=self.weights or done.weights,
            at_risk=self.at_risk + done.seconds,
            scores=self.scores | done.scores,
            environment=self.environment or done.environment,
        )


class KeptOutputs:
    """Those of one job under its lease. What cannot be kept is done again after a crash, and costs nothing else."""

    def __init__(self, studio: Studio, lease: Lease, from_seconds: float = WORTH_KEEPING_SECONDS) -> None:
        self._studio, self._lease, self._from_seconds = studio, lease, from_seconds
        self._known: dict[int, StageOutput] = {}
        self._keeping: dict[int, asyncio.Task[None]] = {}

    async def recall(self) -> None:
        """Find what earlier leases of the job have kept. Raises `StoreUnavailable`."""
        if self._lease.job.attempt > 1:
            kept = await self._studio.store.outputs(self._lease.job.id)
            self._known = {one.index: one for one in kept if self._is_of_plan(one)}

    def keep(self, index: int, reached: Reached) -> Reached:
        """Keep what a picture is now, if that is worth it, while it goes on."""
        if reached.at_risk < self._from_seconds:
            return reached
        before = self._keeping.get(index)
        self._keeping[index] = asyncio.create_task(self._keep(index, reached, before))
        return replace(reached, at_risk=0.0)

    async def resume(self, index: int) -> Reached:
        """Where to go on with a picture: at its beginning, if nothing is kept of it. Raises `StoreUnavailable` and
        `StageUnavailable`."""
        if index in self._keeping:
            await asyncio.wait([self._keeping[index]])
        output = self._known.get(index)
        if output is None:
            return Reached()
        try:
            done = await self._ask(RestoreRequest(output.sha256))
        except StageUnavailable:
            raise
        except (NotFound, StageError) as error:  # gone, or its bytes are others, or too much for the replica
            _log.warning("a stage of job %s is done again: %s", self._lease.job.id, error.message)
            del self._known[index]
            return Reached()
        return Reached(
            output.position + 1,
            done.picture,
            output.seconds,
            output.notes,
            output.weights,
            scores=output.scores,
            environment=output.environment,
        )

    async def close(self) -> None:
        """Nothing is kept any more."""
        for task in self._keeping.values():
            task.cancel()
        await asyncio.gather(*self._keeping.values(), return_exceptions=True)

    def _is_of_plan(self, output: StageOutput) -> bool:
        """Whether the plan has this stage in this place, and one after it: another release has read it otherwise, if
        not."""
        stages = self._lease.job.plan.stages
        return output.position + 1 < len(stages) and stages[output.position].kind == output.kind

    async def _keep(self, index: int, reached: Reached, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)  # which is canceled with this one
        position = reached.position - 1
        place = f"{self._lease.job.id}/{index}/{position}"
        try:
            done = await self._ask(KeepRequest(place), reached.picture)
            kind = self._lease.job.plan.stages[position].kind
            output = StageOutput(
                index,
                position,
                kind,
                done.kept,
                reached.seconds,
                reached.notes,
                reached.weights,
                reached.scores,
                reached.environment,
            )
            await self._studio.store.keep_output(self._lease, output)
        except AtelierError as error:
            _log.info("%s is not kept: %s", place, error.message)
        else:
            self._known[index] = output

    async def _ask(self, message: Message, picture: PictureRef | None = None) -> Done:
        answers = self._studio.replicas.run(FINISHER, message, picture)
        async with aclosing(answers):
            async for answer in answers:
                if isinstance(answer, Done):
                    return answer
        raise StageUnavailable(f"{FINISHER} did not answer")

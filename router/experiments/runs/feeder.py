"""Orders lines of runs while nobody waits: one after the other, each with all of its jobs in one transaction.

Whatever happens to this process, a line is ordered once or not at all: which one comes next is in the database alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from configs.errors import InvalidRequest, StoreUnavailable
from router.experiments.model import Experiment, Status
from router.experiments.runs.beginning import begin_run
from router.experiments.runs.drafting import draft_line
from router.experiments.runs.model import OpenRun, Run, RunStatus
from router.storage.documents import UnreadableDocument
from router.studio import Studio

_log = logging.getLogger("atelier.experiments")
_LOOK_SECONDS = 1.0
_SOON_SECONDS = 0.25  # while a line waits for its turn: a device that nobody needs is not left idle for long
IN_FLIGHT = 4
"""Jobs of runs, at most, beside which another line is ordered."""
STALE_SECONDS = 3600.0
"""After which what people asked for is not drawn again."""


class Feeder:
    """One in each process with a conductor. Used from one event loop."""

    def __init__(self, studio: Studio, wake: Callable[[], None]) -> None:
        """`wake` is called for what was ordered."""
        self._studio, self._wake = studio, wake
        self._begun: set[tuple[str, int]] = set()
        self._has_lines = False

    async def feed_forever(self) -> None:
        while True:
            try:
                ordered = await self.feed()
            except StoreUnavailable:
                ordered = False
            except Exception:  # noqa: BLE001 - runs must not end with whatever this was
                _log.exception("could not look at runs; trying again")
                ordered = False
            if not ordered:
                await asyncio.sleep(_SOON_SECONDS if self._has_lines else _LOOK_SECONDS)

    async def feed(self) -> bool:
        """Order a line, if one may be ordered now: whether one was. Raises `StoreUnavailable`."""
        await self._studio.experiments.refresh()
        await self._begin()
        ready = [one for one in await self._studio.runs.open() if await self._settle(one)]
        self._has_lines = bool(ready)
        if not ready:
            return False
        load = await self._studio.runs.load()
        if load.others_wait:
            return False
        await self._studio.library.refresh()  # a conductor of its own plans nothing else
        for one in ready:
            experiment = self._experiment(one.run)
            if experiment is not None and (
                load.in_flight == 0 or load.in_flight + len(experiment.phase.arms) <= IN_FLIGHT
            ):
                return await self._order(experiment, one)
        return False

    async def _begin(self) -> None:
        """What an experiment draws by itself, whose start was cut off before that began."""
        for experiment in self._studio.experiments.held.experiments:
            phase = (experiment.id, experiment.phase.number)
            if experiment.status == Status.RUNNING and phase not in self._begun:
                try:
                    await begin_run(self._studio, experiment)
                except InvalidRequest as error:
                    _log.warning("experiment %s draws no prompts: %s", experiment.id, error.message)
                self._begun.add(phase)

    async def _settle(self, one: OpenRun) -> bool:
        """Whether a run has a line to be ordered now; one that is over ends here."""
        run, runs = one.run, self._studio.runs
        if not one.is_current:
            await runs.end(run.id, RunStatus.STOPPED, "the phase of its experiment has ended")
            return False
        if run.is_live and run.next_line < run.total and await runs.drop(run.id, run.next_line, STALE_SECONDS):
            return False
        if run.next_line < run.total:
            return not one.is_paused
        if not run.is_live and run.unfinished == 0:
            await runs.end(run.id, RunStatus.COMPLETE)
        return False

    def _experiment(self, run: Run) -> Experiment | None:
        """None where this release cannot read it: another conductor may."""
        held = self._studio.experiments.held.experiments
        return next((one for one in held if one.id == run.experiment and one.phase.number == run.phase), None)

    async def _order(self, experiment: Experiment, one: OpenRun) -> bool:
        run, runs = one.run, self._studio.runs
        try:
            line = await runs.line(run.id, run.next_line)
            jobs = await draft_line(self._studio, experiment, run, run.next_line, line)
        except (InvalidRequest, UnreadableDocument) as error:
            await runs.skip(run.id, run.next_line, str(error))
            return True
        budget = experiment.phase.config.budget
        wanted = one.used_seconds + sum(job.plan.estimated_seconds for job in jobs)
        if budget is not None and wanted > budget.gpu_seconds:
            reason = f"its budget of {budget.gpu_seconds:g} GPU seconds is used up: the next line makes it {wanted:.1f}"
            await runs.end(run.id, RunStatus.STOPPED, reason)
            return False
        ordered = await runs.order(run.id, run.next_line, jobs)
        if ordered:
            for job in jobs:
                self._studio.experiments.count(job.routed)
            self._wake()
        return ordered

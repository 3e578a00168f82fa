"""The conductors of a door: on other machines, or on none yet. Nothing but the database leads to them, and nothing else
has to: it tells what happens to jobs within a second, and carries the wish to cancel one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from router.experiments.runs.feeder import Feeder
from router.experiments.watch import Watch
from router.operations.gauges import Gauges
from router.remote_conductor import recall_rates_forever
from router.studio import Studio
from router.sweeping import sweep_forever


class AbsentConductor:
    """A `ConductorPort` for a front door whose workers come for jobs that wait, and leave. What a conductor does beside
    leading jobs is done here: a line of an experiment that is ordered may be why a worker has to come."""

    ready = True
    """A door is ready to accept jobs, whoever draws them."""
    found = True

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(work) for work in self._work()]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """Workers look at the database every second, and whoever starts them from time to time."""

    def cancel(self, job_id: str) -> None:
        """Workers look at the flags of their jobs twice a second."""

    def _work(self) -> tuple[Coroutine[Any, Any, None], ...]:
        studio = self._studio
        return (
            recall_rates_forever(studio),
            sweep_forever(studio),
            Gauges(studio).report_forever(),
            Watch(studio).run(),
            Feeder(studio, self.wake).feed_forever(),
            studio.blobs.watch(),
            studio.store.watch(),
        )

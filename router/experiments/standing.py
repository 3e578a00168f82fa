"""What requests are routed by at this moment, in memory: read once per change, not per request, as the library is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from configs.errors import StoreUnavailable
from configs.metrics import SILENT, Metrics
from router.experiments.eligibility import Eligibility
from router.experiments.model import Held
from router.experiments.store import ExperimentStore
from router.jobs.model import Job
from router.library.library import Library
from router.library.pinning import find_versions
from router.metrics import ASSIGNMENTS, EXPOSURES
from router.plan import Routed

_LOOK_SECONDS = 0.5
_REMEMBERED = 10_000  # jobs of which it is known that somebody has looked


class Standing:
    """Experiments that are not stopped, and champions. Used from one event loop; what another process changes is seen
    within about half a second."""

    def __init__(self, store: ExperimentStore, library: Library, metrics: Metrics = SILENT) -> None:
        """`library` has the versions that arms and champions draw with."""
        self.store, self.metrics = store, metrics
        self._library = library
        self.eligibility = Eligibility()
        self._held = Held()
        self._revision = -1
        self._exposed: set[str] = set()
        self._reading = asyncio.Lock()

    @property
    def held(self) -> Held:
        """Hold on to one for as long as one answer takes."""
        return self._held

    async def refresh(self) -> None:
        """Read it again, if anything has changed. Raises `StoreUnavailable`."""
        async with self._reading:
            revision = await self.store.revision()  # first: what changes while it is read is seen the next time
            if revision != self._revision:
                held = await self.store.held()
                self._held = replace(held, versions=await find_versions(self._library, held.overlays))
                self._revision = revision

    def count(self, routed: Routed | None) -> None:
        """A job was accepted."""
        if routed is not None and routed.experiment is not None and routed.assigned is not None:
            self.metrics.count(
                ASSIGNMENTS, experiment=routed.experiment, assigned=routed.assigned, served=routed.served
            )

    async def expose(self, job: Job) -> None:
        """Note that somebody looks at the pictures of a job that takes part in an experiment. Best effort."""
        plan = job.readable_plan
        if plan is None or plan.routed is None or plan.routed.assigned is None or job.id in self._exposed:
            return
        with suppress(StoreUnavailable):
            await self.store.note_exposed(job.id)
            self._exposed.add(job.id)
            self.metrics.count(EXPOSURES, experiment=str(plan.routed.experiment))
            if len(self._exposed) > _REMEMBERED:
                self._exposed.clear()

    async def follow(self) -> None:
        """See, for ever, what others change."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            with suppress(StoreUnavailable):
                await self.refresh()

"""What requests are routed by at this moment, in memory: read once per change, not per request, as the library is."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from configs.errors import StoreUnavailable
from router.experiments.eligibility import Eligibility
from router.experiments.model import Held
from router.experiments.store import ExperimentStore

_LOOK_SECONDS = 0.5


class Standing:
    """Experiments that are not stopped, and champions. Used from one event loop; what another process changes is seen
    within about half a second."""

    def __init__(self, store: ExperimentStore) -> None:
        self.store = store
        self.eligibility = Eligibility()
        self._held = Held()
        self._revision = -1
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
                self._held = await self.store.held()
                self._revision = revision

    async def follow(self) -> None:
        """See, for ever, what others change."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            with suppress(StoreUnavailable):
                await self.refresh()

"""How long models that are not in memory would take, kept for a few seconds: those who poll a job ask often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from router.replicas import Replicas

_KEPT_SECONDS = 3.0


class ColdStarts:
    """Asks the stages once for all who want to know. Used from one event loop."""

    def __init__(self, replicas: Replicas, clock: Callable[[], float] = time.monotonic) -> None:
        self._replicas, self._clock = replicas, clock
        self._asked: dict[str, tuple[float, asyncio.Task[float]]] = {}

    async def seconds(self, deployment: str) -> float:
        """As `Replicas.cold_start`, a few seconds old at most."""
        at, answer = self._asked.get(deployment, (0.0, None))
        if answer is None or self._clock() - at > _KEPT_SECONDS:
            answer = asyncio.create_task(self._ask(deployment))
            self._asked[deployment] = self._clock(), answer
        return await asyncio.shield(answer)  # who hangs up takes nobody else's answer along

    async def _ask(self, deployment: str) -> float:
        return await self._replicas.cold_start(deployment)

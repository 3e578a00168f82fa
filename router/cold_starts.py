"""How long models that are not in memory would take, kept for a few seconds: those who poll a job ask often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from router.replicas import Replicas

_KEPT_SECONDS = 3.0
_PATIENCE_SECONDS = 0.25  # for what is only an estimate
_FIRST_PATIENCE_SECONDS = 2.0  # where nothing is known: a start that is left out makes the estimate untrue


class ColdStarts:
    """Asks the stages once for all who want to know. Used from one event loop."""

    def __init__(self, replicas: Replicas, clock: Callable[[], float] = time.monotonic) -> None:
        self._replicas, self._clock = replicas, clock
        self._asked: dict[str, tuple[float, asyncio.Task[float]]] = {}
        self._known: dict[str, float] = {}

    async def seconds(self, deployment: str) -> float:
        """As `Replicas.cold_start`, a few seconds old at most; what was known last, where no answer comes at once."""
        at, answer = self._asked.get(deployment, (0.0, None))
        if answer is None or self._clock() - at > _KEPT_SECONDS:
            answer = asyncio.create_task(self._ask(deployment))
            self._asked[deployment] = self._clock(), answer
        patience = _PATIENCE_SECONDS if deployment in self._known else _FIRST_PATIENCE_SECONDS
        try:
            async with asyncio.timeout(patience):  # no `wait_for`, which loses a cancel in Python 3.11
                return await asyncio.shield(answer)  # who hangs up takes nobody else's answer along
        except TimeoutError:
            return self._known.setdefault(deployment, 0.0)

    async def _ask(self, deployment: str) -> float:
        self._known[deployment] = await self._replicas.cold_start(deployment)
        return self._known[deployment]

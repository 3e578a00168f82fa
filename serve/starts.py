"""Deployments that are scaled to nothing while nobody needs them: who waits for one to start is told so."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass

from ray import serve as ray_serve

from configs.catalog import Installation
from configs.schema import ModelConfig
from configs.sharing import split_name
from deployments.messages import Loading, Told
from deployments.sharing.times import BYTES_PER_SECOND, LoadTimes

_PATIENCE_SECONDS = 1.0  # a replica that runs has answered by then, or is busy
_PROCESS_SECONDS = 10.0  # that a replica takes before it begins to load: a first guess

_log = logging.getLogger("atelier.handles")


@dataclass(frozen=True, slots=True)
class OnDemand:
    """A model that is loaded when somebody needs it, and the bytes that it is predicted to take: by a replica that
    starts for it, or by one that is `shared` with others and may run already."""

    config: ModelConfig
    size: float
    shared: bool = False


def on_demand(installation: Installation) -> dict[str, OnDemand]:
    """Those of an installation, by placement."""
    models, profile = installation.catalog.models, installation.profile
    sizes = {model: prediction.total for model, prediction in installation.memory.items()}
    return {
        one.name: OnDemand(models[one.model], sizes.get(one.model, 0), one.share is not None)
        for one in profile.generators
        if one.share is not None or one.replicas.min_replicas == 0
    }


def count_running(deployment: str) -> int:
    """Replicas of a deployment that can work now; asks the controller, and blocks meanwhile."""
    found = (app.deployments.get(deployment) for app in ray_serve.status().applications.values())
    states = (one for status in found if status is not None for one in status.replica_states.items())
    return sum(count for state, count in states if state == "RUNNING")


class Starts:
    """What is known of starts from nothing: which deployments may need one, and how long theirs took on this node."""

    def __init__(
        self,
        models: dict[str, OnDemand],
        running: Callable[[str], int] = count_running,
        times: LoadTimes | None = None,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._models, self._running, self._patience = models, running, patience_seconds
        self._times = times or LoadTimes()

    def loads_on_demand(self, placement: str) -> bool:
        """Whether a replica that runs may still have to load this model."""
        return placement in self._models and self._models[placement].shared

    async def ahead(self, placement: str) -> float:
        """Seconds until its model can draw where its deployment has no replica; 0 where one runs, or nobody knows."""
        away = placement in self._models and await self._is_away(placement)
        return self._expect(placement) if away else 0.0

    async def announce(self, placement: str, stream: AsyncIterator[Told]) -> AsyncGenerator[Told, None]:
        """`stream`, with a `Loading` before it if it has to wait for the first replica of its deployment. Shared ones
        tell of their loads themselves."""
        began, starting = time.monotonic(), False
        if placement in self._models and not self._models[placement].shared:
            first = asyncio.ensure_future(_next(stream))
            try:
                await asyncio.wait({first}, timeout=self._patience)
                starting = not first.done() and await self._is_away(placement)
                if starting:
                    yield Loading(self._models[placement].config.id, self._expect(placement))
                message = await first
            finally:
                first.cancel()
            if starting:
                self._times.learn(self._models[placement].config, time.monotonic() - began)
            if message is None:
                return
            yield message
        async for message in stream:
            yield message

    def _expect(self, placement: str) -> float:
        model = self._models[placement]
        if model.shared:  # what is learned of its loads begins when its replica runs
            return _PROCESS_SECONDS + self._times.expect(model.config, model.size)
        return self._times.expect(model.config, model.size + _PROCESS_SECONDS * BYTES_PER_SECOND)

    async def _is_away(self, placement: str) -> bool:
        """Whether no replica runs. Nobody is told anything where the controller does not say."""
        try:
            return await asyncio.to_thread(self._running, split_name(placement)[0]) == 0
        except Exception:  # noqa: BLE001 - Ray's boundary: a request must not fail for want of an estimate
            _log.warning("whether %s runs cannot be found out", placement, exc_info=True)
            return False


async def _next(stream: AsyncIterator[Told]) -> Told | None:
    return await anext(stream, None)

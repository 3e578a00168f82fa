"""What a conductor reports of the whole studio, every few seconds: the queue, replicas and their starts, the ledger.

Each conductor of a studio reports the same, so figures of several are to be taken once (`max by`), never added up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from configs.errors import AtelierError, StoreUnavailable
from configs.metrics import GPU_MEMORY, SILENT, Metrics
from configs.sharing import split_name
from router.metrics import GPU_PRICE, QUEUE_JOBS, QUEUE_OLDEST, QUEUE_SECONDS, REPLICAS
from router.operations.arrivals import Arrivals
from router.studio import Studio

_LOOK_SECONDS = 5.0


class Gauges:
    """Reports to the studio's metrics."""

    def __init__(self, studio: Studio, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._studio, self._metrics, self._clock = studio, studio.metrics, clock
        self._arrivals = Arrivals(studio.installation, studio.metrics, studio.replicas.model_state)
        self._queued: set[str] = {split_name(one.name)[0] for one in studio.installation.profile.generators}

    async def report_forever(self) -> None:
        """Until it is canceled; nothing where nobody is told."""
        if self._metrics is SILENT:
            return
        report_ledger(self._studio, self._metrics)
        while True:
            await self.report()
            await asyncio.sleep(_LOOK_SECONDS)

    async def report(self) -> None:
        """What is so now. Of what does not answer, what was reported last stays."""
        with suppress(StoreUnavailable):
            await self._report_queues()
        with suppress(AtelierError):
            await self._report_replicas()

    async def _report_queues(self) -> None:
        """A queue that was emptied is told of, too: a gauge stays as it was set."""
        now = await self._studio.workload.queues()
        self._queued |= now.keys()
        for deployment in self._queued:
            queue = now.get(deployment)
            self._metrics.gauge(QUEUE_SECONDS, queue.seconds if queue else 0.0, deployment=deployment)
            self._metrics.gauge(QUEUE_JOBS, queue.jobs if queue else 0, deployment=deployment)
            self._metrics.gauge(QUEUE_OLDEST, queue.oldest_seconds if queue else 0.0, deployment=deployment)

    async def _report_replicas(self) -> None:
        survey = await self._studio.replicas.survey()
        for one in survey.deployments:
            states = {"wanted": one.target, "running": one.running, "starting": one.starting}
            for state, count in states.items():
                self._metrics.gauge(REPLICAS, count, deployment=one.name, state=state)
        await self._arrivals.look(survey, self._clock())


def report_ledger(studio: Studio, metrics: Metrics) -> None:
    """Who has how much of a GPU, as it was reckoned at the start, and what one costs."""
    fleet = studio.installation.fleet
    for name, kind in fleet.kinds.items() if fleet else ():
        metrics.gauge(GPU_PRICE, kind.price_per_gpu_hour, kind=name, currency=kind.price.currency)
    for one in studio.installation.ledger:
        for what, gb in {"predicted": one.predicted_gb, "limit": one.limit_gb}.items():
            if gb is not None:
                metrics.gauge(GPU_MEMORY, gb * 1e9, deployment=one.deployment, what=what)

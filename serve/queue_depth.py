"""The front door's half of scaling by what waits in the job database: it says so where Serve's controller can look."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable

from ray.experimental import internal_kv

from configs.sharing import split_name
from router.jobs.model import WaitingJobs
from serve.autoscaling import QUEUE_DEPTHS, Waiting, encode_depths

_log = logging.getLogger("atelier.queue_depth")


def _put_kv(application: str, notice: bytes) -> None:
    internal_kv._internal_kv_put(application, notice, overwrite=True, namespace=QUEUE_DEPTHS)


class QueueDepth:
    """Writes what waits for each deployment of an application; several front doors of one database write the same."""

    def __init__(self, application: str, parallel_jobs: int, put: Callable[[str, bytes], None] = _put_kv) -> None:
        """`parallel_jobs` are those that all front doors together work on at a time."""
        self._application, self._parallel_jobs, self._put = application, parallel_jobs, put
        self._silent = True

    async def write(self, waiting: Iterable[WaitingJobs]) -> None:
        """Replace the last notice. One that cannot be written costs replicas that come sooner, and nothing else."""
        told = self._by_deployment(waiting)
        if self._silent and not told:
            return  # as it was
        try:
            await asyncio.to_thread(self._put, self._application, encode_depths(told, time.time()))
            self._silent = not told
        except Exception:  # noqa: BLE001 - a boundary to Ray
            _log.warning("what waits in the queue cannot be told to the autoscaler", exc_info=True)

    def _by_deployment(self, waiting: Iterable[WaitingJobs]) -> dict[str, Waiting]:
        """Placements that share replicas are one deployment."""
        summed: dict[str, Waiting] = {}
        for one in waiting:
            name, _ = split_name(one.deployment)
            at_once = math.ceil(self._parallel_jobs * one.pictures / one.jobs)
            known = summed.get(name, Waiting())
            summed[name] = Waiting(
                known.seconds + one.seconds, known.requests + one.pictures, max(known.at_once, at_once)
            )
        return summed

"""What the share of a GPU that a replica holds is used for, reckoned from what its engines report anyway."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from configs.metrics import GPU_MEMORY, GPU_SECONDS, START_SECONDS
from deployments.engine.metrics import BACKLOG_SECONDS, DEVICE_SECONDS, MODEL, Metrics

_TELL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Holding:
    """What a replica of `deployment` holds: a `share` of a GPU of a `kind`, or one processor, of the kind cpu."""

    deployment: str
    kind: str = "cpu"
    share: float = 1.0


class HeldDevice:
    """`Metrics` of a replica: passes all on, and adds the seconds that were held, by what they were used for.

    What was neither loading nor drawing was idle. An engine sets its backlog at each turn, and twice a second while it
    has nothing to do; so time goes on here. Of models that share a replica, idle is the one that said so last.
    """

    def __init__(
        self,
        exporter: Metrics,
        holding: Holding,
        used_bytes: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`used_bytes` are those of the device that this process took at most, where it has one."""
        self._exporter, self._holding, self._used, self._clock = exporter, holding, used_bytes, clock
        self._lock = threading.Lock()
        self._told, self._busy = clock(), 0.0

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        self._exporter.count(name, n, **tags)
        if name == DEVICE_SECONDS:
            self._spend(n, tags[MODEL], "draw")

    def observe(self, name: str, value: float, **tags: str) -> None:
        self._exporter.observe(name, value, **tags)
        if name == START_SECONDS:
            self._spend(value, tags[MODEL], "load")

    def gauge(self, name: str, value: float, **tags: str) -> None:
        self._exporter.gauge(name, value, **tags)
        if name == BACKLOG_SECONDS and self._clock() - self._told >= _TELL_SECONDS:
            self._tell(tags[MODEL])

    def _spend(self, seconds: float, model: str, use: str) -> None:
        with self._lock:
            self._busy += seconds
        self._hold(seconds, model, use)

    def _tell(self, model: str) -> None:
        with self._lock:
            now = self._clock()
            idle, self._told, self._busy = now - self._told - self._busy, now, 0.0
        self._hold(max(idle, 0.0), model, "idle")
        if (used := self._used()) is not None:
            self._exporter.gauge(GPU_MEMORY, used, deployment=self._holding.deployment, what="used")

    def _hold(self, seconds: float, model: str, use: str) -> None:
        held = seconds * self._holding.share
        self._exporter.count(GPU_SECONDS, held, model=model, kind=self._holding.kind, use=use)

"""Who watches a generator's replicas come and go, from a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ray import serve as ray_serve

from deployments.messages import ModelState
from serve.launch import APPLICATION
from tests.bench.sightings import Moment

_LOOK_SECONDS = 0.2


@dataclass
class Watch:
    """Counts a deployment's replicas, by state, for as long as it is open."""

    deployment: str
    moments: list[Moment] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def open(self) -> Iterator[Watch]:
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(_LOOK_SECONDS):
            states = ray_serve.status().applications[APPLICATION].deployments[self.deployment].replica_states
            counts = {str(getattr(state, "value", state)): count for state, count in states.items()}
            running, starting, stopping = (counts.get(name, 0) for name in ("RUNNING", "STARTING", "STOPPING"))
            self.moments.append(Moment(time.monotonic() - began, running, starting, stopping))

    @property
    def now(self) -> Moment:
        return self.moments[-1] if self.moments else Moment(0, 0, 0, 0)

    def fewest(self, since: Moment) -> int:
        """Replicas that ran at every moment from that one on."""
        return min(moment.running for moment in [since, *self.moments] if moment.seconds >= since.seconds)

    def states(self) -> list[ModelState]:
        """What each replica says of itself."""
        handle: Any = ray_serve.get_deployment_handle(self.deployment, APPLICATION)
        states: list[ModelState] = handle.broadcast("state").results(timeout_s=60)
        return states

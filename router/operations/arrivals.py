"""Replicas that start, watched from outside: how long each waits for a node, and for its process.

The rest of a start, a replica reports itself: loading the weights, and warming up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from configs.catalog import Installation
from configs.errors import AtelierError
from configs.metrics import START_SECONDS, Metrics
from configs.sharing import split_name
from deployments.messages import ModelState
from router.operations.survey import ReplicaSurvey, Survey


@dataclass(slots=True)
class _Start:
    since: datetime
    model: str
    placement: str
    placed: datetime | None = None


class Arrivals:
    """Of replicas that draw. As exact as somebody looks often; a start that was over before the first look is none."""

    def __init__(
        self, installation: Installation, metrics: Metrics, state: Callable[[str], Awaitable[ModelState]]
    ) -> None:
        """`state` asks a replica of a placement what it says of itself."""
        self._metrics, self._state = metrics, state
        self._models: dict[str, tuple[str, str]] = {}
        for one in installation.profile.generators:
            name = split_name(one.name)[0]
            self._models[name] = (one.model, one.name) if one.share is None else (name, "")
        self._starts: dict[str, _Start] = {}

    async def look(self, survey: Survey, now: datetime) -> None:
        """What a survey at `now` tells anew."""
        seen: set[str] = set()
        for deployment in survey.deployments:
            if deployment.name not in self._models:
                continue
            for replica in deployment.replicas:
                seen.add(replica.id)
                await self._look_at(replica, deployment.name, now)
        self._starts = {id: start for id, start in self._starts.items() if id in seen}

    async def _look_at(self, replica: ReplicaSurvey, deployment: str, now: datetime) -> None:
        if replica.state == "starting" and replica.id not in self._starts:
            self._starts[replica.id] = _Start(replica.since or now, *self._models[deployment])
        start = self._starts.get(replica.id)
        if start is None:
            return
        if start.placed is None and (replica.node or replica.state == "running"):
            start.placed = now
            self._tell(start, "node", (now - start.since).total_seconds())
        if replica.state == "running":
            del self._starts[replica.id]
            process = (now - (start.placed or now)).total_seconds() - await self._loading(start)
            self._tell(start, "process", process)

    async def _loading(self, start: _Start) -> float:
        """What a replica of it says that loading and warming up took: the rest was its process."""
        if not start.placement:  # shared: it loads when it is asked to draw
            return 0.0
        try:
            return (await self._state(start.placement)).load_seconds
        except AtelierError:
            return 0.0

    def _tell(self, start: _Start, phase: str, seconds: float) -> None:
        self._metrics.observe(START_SECONDS, max(seconds, 0.0), model=start.model, phase=phase)

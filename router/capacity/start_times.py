"""How long replicas take to start, learned from those that are seen to start; a guess before the first."""

from __future__ import annotations

from collections.abc import Iterable

from router.operations.survey import DeploymentSurvey

_PROCESS_SECONDS = 15.0
_BYTES_PER_SECOND = 1e9
_WEIGHT = 0.5  # of the newest start


class StartTimes:
    """Of one studio. Seconds are those of whoever looks."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        """When a replica that starts was seen first."""
        self._learned: dict[str, float] = {}

    def look(self, deployments: Iterable[DeploymentSurvey], now: float) -> None:
        """Learn from what runs where now."""
        alive: set[str] = set()
        for one in deployments:
            for replica in one.replicas:
                alive.add(replica.id)
                if replica.state == "starting":
                    self._seen.setdefault(replica.id, now)
                elif replica.state == "running" and (began := self._seen.pop(replica.id, None)) is not None:
                    known = self._learned.get(one.name, now - began)
                    self._learned[one.name] = known + _WEIGHT * (now - began - known)
        self._seen = {id: at for id, at in self._seen.items() if id in alive}

    def expect(self, deployment: str, size: float) -> float:
        """Seconds that a replica takes which loads `size` bytes, on a node that is there."""
        return self._learned.get(deployment, _PROCESS_SECONDS + size / _BYTES_PER_SECOND)

    def waited(self, deployment: DeploymentSurvey, now: float) -> tuple[float, ...]:
        """Seconds since each replica was seen that starts still."""
        starting = (one for one in deployment.replicas if one.state == "starting")
        return tuple(now - self._seen.get(one.id, now) for one in starting)

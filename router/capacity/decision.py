"""What was decided for a deployment, and why: a number of replicas, where they run, and one reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why there are to be so many replicas. Values are labels of a metric and words of an API: they stay."""

    ENOUGH = "enough"
    """What there is does what there is to do."""
    MINIMUM = "minimum"
    """The profile keeps so many."""
    WAKE = "wake"
    """Somebody waits, and nothing runs."""
    BACKLOG = "backlog"
    """There is more to do than those that run can do in time."""
    SLO = "slo"
    """Somebody has waited longer than anybody should."""
    SCHEDULE = "schedule"
    FORECAST = "forecast"
    KEEP_ALIVE = "keep-alive"
    """Without work, and kept for a while: whoever comes next does not wait."""
    IDLE = "idle"
    """Without work for long enough: it goes."""
    BUDGET = "budget"
    """More would be good, and all GPUs, or all money, are taken."""
    HOLD_STALE = "hold-stale"
    """What is known is too old to decide by: nothing changes."""
    HOLD_PENDING = "hold-pending"
    """Replicas are on their way: nothing changes until they are there."""
    EXHAUSTED = "exhausted"
    """Nodes that were asked for have not come: no more are asked for, for a while."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`desired` replicas of a deployment of `current`, on `kind` (None: no GPU). `wanted` is how many there would be
    without limits of GPUs and money."""

    deployment: str
    current: int
    desired: int
    reason: Reason
    kind: str | None = None
    wanted: int = 0

    @property
    def direction(self) -> str:
        """`up`, `down` or `stay`."""
        return "stay" if self.desired == self.current else "up" if self.desired > self.current else "down"


@dataclass(frozen=True, slots=True)
class Memory:
    """What has to be known from one decision to the next; of who decides first, nothing.

    `idle_since` is since when a deployment has had nothing to do, `surplus_since` since when it has had more replicas
    than it needs, `exhausted_until` until when a kind is not asked for nodes; all in the world's seconds.
    """

    idle_since: Mapping[str, float] = field(default_factory=dict)
    surplus_since: Mapping[str, float] = field(default_factory=dict)
    exhausted_until: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision for each deployment of a world, and what the next is to remember."""

    decisions: tuple[Decision, ...]
    memory: Memory

    def of(self, deployment: str) -> Decision:
        """Raises KeyError for one that was not in the world."""
        found = next((one for one in self.decisions if one.deployment == deployment), None)
        if found is None:
            raise KeyError(deployment)
        return found

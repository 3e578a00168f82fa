"""What pictures cost: seconds of a GPU times its price, and a month of them by hand, where machines come and go.

Prices are dated data of the fleet; nothing here knows one.
"""

from __future__ import annotations

from dataclasses import dataclass

from configs.catalog import Installation
from configs.fleet import Fleet, GpuKind
from configs.sharing import split_name

_HOUR = 3600.0


def cost_of(gpu_seconds: float, kind: GpuKind, share: float = 1.0) -> float:
    """Of a picture, a job, anything: seconds on a `share` of a GPU of this kind, or on several whole ones. In the
    currency of the fleet. What the GPU costs while it idles or starts is nobody's, and not in it."""
    return gpu_seconds / _HOUR * kind.price_per_gpu_hour * share


@dataclass(frozen=True, slots=True)
class Rate:
    """What a second of a deployment costs, in `currency`."""

    per_second: float
    currency: str


def rate_of(installation: Installation, deployment: str) -> Rate | None:
    """Of a placement or a deployment of its own. None where nobody knows: no fleet is named, the deployment runs
    without a GPU, or there are several kinds and it is pinned to none."""
    fleet, name = installation.fleet, split_name(deployment)[0]
    entry = next((one for one in installation.ledger if one.deployment == name), None)
    if fleet is None or entry is None or not entry.share or len(fleet.kinds) != 1:
        return None
    (kind,) = fleet.kinds.values()
    return Rate(cost_of(1.0, kind, entry.share), fleet.currency)


@dataclass(frozen=True, slots=True)
class Month:
    """By hand: sessions of a month, pictures of all of them, seconds of each picture, and the billed seconds of a
    session's start and of what follows its last picture."""

    sessions: float
    pictures: float
    seconds: float
    start_seconds: float
    idle_seconds: float

    @property
    def node_seconds(self) -> float:
        """S (C + K) + N s"""
        return self.sessions * (self.start_seconds + self.idle_seconds) + self.pictures * self.seconds


def bill(node_seconds: float, kind: GpuKind, fleet: Fleet) -> float:
    """What machines cost in a month, less what the provider grants; fixed costs are beside it."""
    granted = fleet.granted.worth(node_seconds, kind.cpus, kind.cpu_memory_gb) if fleet.granted else 0.0
    return max(node_seconds / _HOUR * kind.price.per_hour - granted, 0.0)


def fixed_costs(fleet: Fleet) -> tuple[float, float]:
    """What a month costs before the first picture: at least and at most."""
    least = sum(one.per_month for one in fleet.fixed)
    return least, sum(one.per_month if one.up_to is None else one.up_to for one in fleet.fixed)

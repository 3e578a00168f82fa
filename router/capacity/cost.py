"""What pictures cost: seconds of a GPU times its price, and a month of them by hand, where machines come and go.

Prices are dated data of the fleet; nothing here knows one.
"""

from __future__ import annotations

from dataclasses import dataclass

from configs.catalog import Installation
from configs.fleet import Fleet, GpuKind
from configs.sharing import split_name
from router.jobs.model import Job

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
    """Of a placement or a deployment of its own, on the kind that it is pinned to. None where nobody knows: no fleet is
    named, or the deployment runs without a GPU."""
    fleet, name = installation.fleet, split_name(deployment)[0]
    entry = next((one for one in installation.ledger if one.deployment == name), None)
    if fleet is None or entry is None or not entry.share or entry.kind not in fleet.kinds:
        return None
    return Rate(cost_of(1.0, fleet.kinds[entry.kind], entry.share), fleet.currency)


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in a `currency`."""

    amount: float
    currency: str


def cost_of_job(job: Job, installation: Installation) -> Cost | None:
    """Of the pictures that it has finished: what each stage took of its GPU, at today's price. None where nothing of it
    has a price."""
    plan = job.readable_plan
    rates = {} if plan is None else {one.kind: rate_of(installation, one.deployment) for one in plan.stages}
    known = {kind: rate for kind, rate in rates.items() if rate is not None}
    if not known:
        return None
    taken = ((kind, seconds) for image in job.images for kind, seconds in image.seconds.items() if kind in known)
    amount = sum(seconds * known[kind].per_second for kind, seconds in taken)
    return Cost(amount, next(iter(known.values())).currency)


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

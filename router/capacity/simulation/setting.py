"""What is simulated: deployments with the models that they draw with, machines, and what goes wrong with these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from configs.errors import InvalidRequest
from configs.fleet import Fleet, GpuKind
from configs.memory import GB

Route = Callable[[str, Sequence[tuple[frozenset[str], float]], Random], list[list[int]]]
"""Which replica is asked first: given the model that is wanted and, of each replica, the models that it holds and its
seconds of work. Groups of indices, as the router of requests has them."""


@dataclass(frozen=True, slots=True)
class Held:
    """A model in a replica: bytes of a GPU, and the seconds that loading it takes."""

    bytes: float
    load_seconds: float


@dataclass(frozen=True, slots=True)
class Group:
    """A deployment: the models that its replicas draw with, on `kinds` of GPUs.

    A replica takes `bytes` of a GPU; several models take turns in them, the one that was used longest ago leaves first.
    `process_seconds` are those of a replica's start before it loads anything; it is given `at_once` jobs at a time,
    which it draws one after another: an engine that steps them together moves the seconds, and not their sum.
    """

    name: str
    models: Mapping[str, Held]
    bytes: float
    kinds: tuple[str, ...]
    least: int = 0
    most: int = 1_000
    at_once: int = 4
    process_seconds: float = 10.0

    @property
    def alone(self) -> str | None:
        """Its model, where there is one: loaded before the replica is ready."""
        return next(iter(self.models)) if len(self.models) == 1 else None

    @property
    def start_seconds(self) -> float:
        """On a node that is there, until a first job can be drawn."""
        return self.process_seconds + max((held.load_seconds for held in self.models.values()), default=0.0)


@dataclass(frozen=True, slots=True)
class Hazards:
    """`start_spread` is the sigma of the logarithm of a node's start; `lost` the share of nodes that never come;
    `deaths_per_hour` of a node that runs. Jobs of a dead node are drawn anew."""

    start_spread: float = 0.3
    lost: float = 0.0
    deaths_per_hour: float = 0.0


@dataclass(frozen=True)
class Setting:
    """All that a run of the simulation is given beside jobs and a way to scale."""

    groups: tuple[Group, ...]
    kinds: Mapping[str, GpuKind]
    hazards: Hazards = field(default_factory=Hazards)
    tick_seconds: float = 2.0
    rest_seconds: float = 30.0
    """Between two decisions while nobody waits."""
    by_clock: bool = False
    """There is something to decide at hours at which nothing runs: a schedule."""

    def __post_init__(self) -> None:
        for group in self.groups:
            for name in group.kinds:
                if group.bytes > self.kinds[name].memory_gb * GB:
                    raise InvalidRequest(
                        f"{group.name} takes {group.bytes / GB:.1f} GB, and a GPU of kind {name} has "
                        f"{self.kinds[name].memory_gb:g} GB"
                    )

    def group_of(self) -> dict[str, str]:
        """Which deployment draws with a model."""
        return {model: group.name for group in self.groups for model in group.models}


def bounded(fleet: Fleet, kind: str, nodes: int, always: int = 0) -> dict[str, GpuKind]:
    """One kind of a fleet, with so many nodes at most."""
    return {kind: fleet.kinds[kind].model_copy(update={"min": always, "max": nodes})}

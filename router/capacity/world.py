"""What is known when capacity is decided: of each deployment, of each kind of GPU, and how old that knowledge is.

Seconds of work are those that it takes on one replica of the kind that the deployment runs on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Source(StrEnum):
    """Whom a world is heard from, in the order in which they are believed."""

    JOBS = "jobs"
    REPLICAS = "replicas"
    PROMETHEUS = "prometheus"


@dataclass(frozen=True, slots=True)
class DeploymentState:
    """Of one deployment.

    `waiting_seconds` of work nobody has begun, `in_hand_seconds` remain of what somebody has; `oldest_wait_seconds` is
    how long the first of the waiting has waited. `at_once` is how many requests can be on their way at a time, however
    many replicas there are. `arriving` is work that comes, in seconds per second, over the last minutes; `correction`
    what work took, per predicted second. `starting` has the seconds until each replica that starts is expected;
    `start_seconds` is what a replica takes on a node that is there: its process, its weights.
    """

    name: str
    waiting_seconds: float = 0.0
    waiting_jobs: int = 0
    jobs: int = 0
    """Unfinished ones, those that somebody has begun included."""
    oldest_wait_seconds: float = 0.0
    in_hand_seconds: float = 0.0
    at_once: int = 0
    arriving: float = 0.0
    foreseen: float | None = None
    """Work that the coming hour is expected to bring, in seconds per second; None where nobody says."""
    foreseen_jobs_per_hour: float = 0.0
    seconds_per_job: float = 1.0
    correction: float = 1.0
    running: int = 0
    starting: tuple[float, ...] = ()
    start_seconds: float = 0.0
    bytes: float = 0.0
    """That a replica takes of a GPU; 0: it runs without."""
    gpus: int = 1
    """Whole GPUs that a replica takes, where it takes more than a part of one."""
    kinds: tuple[str, ...] = ()
    """That it may run on, by name: the one that it is pinned to, or several; one is chosen for each replica."""
    places: tuple[str, ...] = ()
    """The kind that each replica runs on, those that run first; the first of `kinds` where nobody says."""
    parts: frozenset[str] = frozenset()
    """What it could share with others in one place: text encoders, by name."""
    least: int = 0
    most: int = 1
    slo_seconds: float = 10.0
    keep_alive_seconds: float = 600.0

    @property
    def current(self) -> int:
        """Replicas that there are or will be."""
        return self.running + len(self.starting)

    @property
    def work(self) -> float:
        """Seconds that are to be done, corrected by what work has taken lately."""
        return (self.waiting_seconds + self.in_hand_seconds) * self.corrected

    @property
    def corrected(self) -> float:
        """What a predicted second takes; one that is far off is a mistake of something else."""
        return min(max(self.correction, 0.5), 2.0)

    @property
    def homes(self) -> tuple[str, ...]:
        """The kind of each replica that there is or will be; none for what runs without a GPU."""
        if not self.bytes or not self.kinds:
            return ()
        told = self.places[: self.current]
        return told + self.kinds[:1] * (self.current - len(told))

    @property
    def busy(self) -> bool:
        return self.waiting_jobs > 0 or self.work > 0


@dataclass(frozen=True, slots=True)
class KindState:
    """Of one kind of GPU: GPUs that are there, that have been asked for and have not come, and bounds of both together.

    `price` is of a GPU for an hour; `start_seconds` those of a node; `speed` as the fleet has it.
    """

    name: str
    bytes: float
    gpus_per_node: int = 1
    there: int = 0
    pending: int = 0
    pending_seconds: float = 0.0
    """How long the first of the pending has been waited for."""
    least: int = 0
    most: int = 1
    price: float = 0.0
    start_seconds: float = 0.0
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class World:
    """`now` is seconds since 1970; `ages` how many seconds ago each source was heard (absent: not asked)."""

    now: float
    deployments: tuple[DeploymentState, ...]
    kinds: tuple[KindState, ...] = ()
    ages: Mapping[Source, float] = field(default_factory=dict)

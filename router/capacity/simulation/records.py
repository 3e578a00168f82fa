"""What a run of the simulation leaves: how long each job waited and for what, what was paid, what was decided."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from router.capacity.decision import Reason


class Use(StrEnum):
    """What a GPU that is paid for does."""

    DRAW = "draw"
    LOAD = "load"
    START = "start"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stood: nodes that are paid for, jobs that wait, what has been paid so far."""

    at: float
    nodes: int
    waiting: int
    dollars: float


@dataclass
class Record:
    """One run. `waits` are seconds from acceptance to the first step, of each job that was drawn; `late` says, of as
    many, what it waited for beside others (`start`, `load`, or nothing)."""

    waits: array[float] = field(default_factory=lambda: array("d"))
    late: list[str] = field(default_factory=list)
    arrived: int = 0
    unfinished: int = 0
    redone: int = 0
    gpu_seconds: dict[Use, float] = field(default_factory=lambda: dict.fromkeys(Use, 0.0))
    paid: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Node seconds, by kind."""
    dollars: float = 0.0
    nodes_lost: int = 0
    most_nodes: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    moments: list[Moment] = field(default_factory=list)

    @property
    def gpu_hours(self) -> float:
        """That were paid for."""
        return sum(self.gpu_seconds.values()) / 3600

    def attained(self, slo: float) -> float:
        """The share of all jobs that waited no longer."""
        return sum(wait <= slo for wait in self.waits) / self.arrived if self.arrived else 1.0

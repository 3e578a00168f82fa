"""Nodes that come, are paid for and go, and their GPUs, each of which does one thing at a time."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from router.capacity.arrange import Gpu
from router.capacity.simulation.setting import Group
from router.capacity.simulation.trace import Arrival


@dataclass(slots=True, eq=False)
class Job:
    """An arrival on its way. `late` says what it had to wait for beside other jobs: a start, or a load."""

    arrival: Arrival
    late: str = ""


@dataclass(slots=True, eq=False)
class Card:
    """A GPU: its room, and who wants to draw on it, first come, first served."""

    room: Gpu
    node: Node
    queue: deque[Replica] = field(default_factory=deque)
    drawing: Replica | None = None
    begins: float = 0.0
    until: float = 0.0
    """From when until when it draws what it draws now."""


@dataclass(slots=True, eq=False)
class Node:
    """From when it is asked for it is paid for; `ready` from when it works."""

    kind: str
    asked: float
    ready: float
    cards: list[Card] = field(default_factory=list)
    there: bool = False
    gone: bool = False
    empty_since: float | None = None

    @property
    def used(self) -> bool:
        return any(card.room.users for card in self.cards)


@dataclass(slots=True, eq=False)
class Replica:
    """On a GPU. Its shelf has models, the one that was used longest ago first."""

    group: Group
    card: Card
    ready: float
    running: bool = False
    leaving: bool = False
    jobs: deque[Job] = field(default_factory=deque)
    shelf: OrderedDict[str, float] = field(default_factory=OrderedDict)

    @property
    def has_room(self) -> bool:
        return self.running and not self.leaving and len(self.jobs) < self.group.at_once

    def work(self, now: float) -> float:
        """Seconds that it was given and has not done, on a GPU of speed 1."""
        seconds = sum(job.arrival.seconds for job in self.jobs)
        return seconds - max(now - self.card.begins, 0.0) if self.card.drawing is self else seconds

    def holds(self) -> frozenset[str]:
        """Models that it has, or soon will."""
        return frozenset(self.shelf).union(job.arrival.model for job in self.jobs)

    def load(self, model: str) -> float:
        """Seconds until the model can draw: 0 where it is on the shelf. Others make room."""
        if model in self.shelf:
            self.shelf.move_to_end(model)
            return 0.0
        held = self.group.models[model]
        while self.shelf and sum(self.shelf.values()) + held.bytes > self.group.bytes:
            self.shelf.popitem(last=False)
        self.shelf[model] = held.bytes
        return held.load_seconds

"""Time as the simulation has it: what is due next happens next."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.capacity.simulation.machines import Node

Happening = Callable[[], None]


class Clock:
    """Seconds since the trace began, and what will happen when; what is due at once happens in the order of asking."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Happening]] = []
        self._order = count()
        self.on_fall: Callable[[str, Node], None] = lambda why, node: None  # noqa: ARG005
        """Told of a node that is `lost` on its way or `dead`."""

    def after(self, seconds: float, happening: Happening) -> None:
        heapq.heappush(self._due, (self.now + max(seconds, 0.0), next(self._order), happening))

    def tell(self, why: str, node: Node) -> None:
        if not node.gone:
            self.on_fall(why, node)

    @property
    def next(self) -> float | None:
        """When the next thing happens; None if nothing does."""
        return self._due[0][0] if self._due else None

    def step(self) -> None:
        """Let the next thing happen."""
        self.now, _, happening = heapq.heappop(self._due)
        happening()

"""One computation in the engine, and everybody who waits for it: equal requests in flight are computed once."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from PIL import Image

from configs.errors import AtelierError
from deployments.families.family import Work
from deployments.messages import GenerateRequest, Passed, Picture, StepDone

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Lease


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, or what is handed over of it, the seconds that it costs on a device of its own, and how many of its
    steps were full passes."""

    picture: Passed
    seconds: float
    full_steps: int


Event: TypeAlias = StepDone | Drawn | AtelierError


@dataclass(slots=True, eq=False)
class Ticket:
    """One request in the engine. `deliver` is called on the engine's thread, last with a `Drawn` or an error."""

    request: GenerateRequest
    deliver: Callable[[Event], None]
    arrived: float
    canceled: threading.Event = field(default_factory=threading.Event)

    @property
    def deadline(self) -> float | None:
        seconds = self.request.deadline_seconds
        return None if seconds is None else self.arrived + seconds

    def emit(self, event: Event) -> None:
        try:
            self.deliver(event)
        except RuntimeError:
            # The listener's event loop is gone, and with it whoever wanted the picture.
            self.canceled.set()


@dataclass(slots=True, eq=False)
class Flight:
    """A picture being made for `tickets`; `identity` decides which requests may join. Times are the engine's clock."""

    key: int
    identity: Hashable
    request: GenerateRequest
    tickets: list[Ticket]
    work: Work
    lease: Lease
    arrived: float
    state: Any = None
    """How far it is: the family's state from the first noise on or, of a model that is called whole, its progress."""
    encoding_seconds: float = 0.0
    predicted_seconds: float = 0.0
    """From arrival to picture, as predicted on arrival."""

    @property
    def remaining(self) -> int:
        """Steps still to take."""
        return self.work.steps if self.state is None else self.state.steps - self.state.step

    @property
    def deadline(self) -> float | None:
        """The last moment at which somebody still wants it; None where somebody waits without a deadline."""
        ends = [ticket.deadline for ticket in self.tickets]
        return None if None in ends else max(end for end in ends if end is not None)

    @property
    def patience(self) -> float:
        """Seconds by which it lets others go first: those of whoever has the least."""
        return min((ticket.request.patience_seconds for ticket in self.tickets), default=0.0)

    def drop_canceled(self) -> bool:
        """Forget who no longer waits; whether nobody is left."""
        self.tickets = [ticket for ticket in self.tickets if not ticket.canceled.is_set()]
        return not self.tickets

    def emit(self, event: Event) -> None:
        for ticket in self.tickets:
            ticket.emit(event)

    def preview_due(self) -> bool:
        """Whether somebody asked for a preview after the step just taken."""
        step, steps = self.state.step, self.state.steps
        return any(step in preview_steps(ticket.request.previews, steps) for ticket in self.tickets)


def identity(request: GenerateRequest) -> Hashable:
    """What two requests must share to be one computation: everything that decides the picture."""
    return replace(request, request_id="", previews=0, deadline_seconds=None, patience_seconds=0.0)


def preview_steps(previews: int, steps: int) -> frozenset[int]:
    """After which steps a preview is due: evenly spaced, never after the last, when the picture itself follows."""
    count = max(0, min(previews, steps - 1))
    return frozenset(-(-index * steps // (count + 1)) for index in range(1, count + 1))


def to_webp(picture: Picture) -> bytes:
    """A preview as a small file."""
    file = io.BytesIO()
    Image.frombytes("RGB", (picture.width, picture.height), picture.rgb).save(file, "WEBP", quality=60, method=0)
    return file.getvalue()

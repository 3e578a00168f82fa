"""What an engine is made of: a model with its LoRAs, and a core that draws with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from configs.errors import AtelierError
from deployments.engine.curve import CostCurve
from deployments.engine.flight import Ticket
from deployments.families.family import Work
from deployments.messages import GenerateRequest

if TYPE_CHECKING:  # torch
    from deployments.loras.loading import Adapters


class Model(Protocol):
    """As much of a model as those who hold an engine ask for: the attributes are read from any thread."""

    device: str
    dtype: str
    weights: str
    """Content hash of the weights and of the LoRAs fused into them."""

    def work(self, request: GenerateRequest) -> Work:
        """What `request` will cost. Raises StageError for what the model cannot draw."""
        ...


M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[M]):
    """A model, and the LoRAs that it can wear."""

    family: M
    adapters: Adapters


class Core(Protocol):
    """What an engine's thread does with its model: steps of many requests (`Turns`), or whole calls (`Calls`).

    Everything is called from that thread, and nothing waits.
    """

    @property
    def fault(self) -> str | None:
        """Why the device no longer draws anything, once that is so."""
        ...

    @property
    def curve(self) -> CostCurve: ...

    @property
    def idle(self) -> bool:
        """Whether `take` would do nothing."""
        ...

    @property
    def backlog_seconds(self) -> float:
        """Predicted seconds of the device until everything that joined is drawn."""
        ...

    def join(self, ticket: Ticket, wake: Callable[[], None]) -> None:
        """Take in a request, or answer it with an error. `wake` is called, from any thread, when it can begin."""
        ...

    def take(self, look: Callable[[], bool], /) -> None:
        """Do one piece of work. One that is longer than a step calls `look` between its steps: that lets in what has
        arrived, and says whether to go on."""
        ...

    def abandon(self, error: AtelierError) -> None:
        """Answer everybody with `error`."""
        ...

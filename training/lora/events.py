"""What a training tells of itself while it runs: the command, the tests and the cluster read one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from PIL import Image

LossByNoise: TypeAlias = Mapping[float, float]
"""Share of noise -> mean loss there."""


class Wish(Enum):
    """What whoever runs a training wants before each step. Both of the others save a checkpoint and stop."""

    GO_ON = "go_on"
    GIVE_WAY = "give_way"
    CANCEL = "cancel"


StopCode: TypeAlias = Literal["give_way", "cancel", "not_a_number", "diverged"]


@dataclass(frozen=True, slots=True)
class Began:
    """Everything is loaded and cached. `step` steps were done before; `parameters` learn."""

    step: int
    steps: int
    cached_seconds: float
    parameters: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """Step `step` (1 to `steps`) is done. `loss_by_noise`: of its rows, each at its share; `norm` of the gradient
    before it was clipped; `rate` that it was taken at."""

    step: int
    steps: int
    loss: float
    loss_by_noise: LossByNoise
    norm: float
    rate: float
    seconds: float
    eta_seconds: float


@dataclass(frozen=True, slots=True)
class Validated:
    """Loss of pictures that were held back, at fixed noise."""

    step: int
    loss_by_noise: LossByNoise

    @property
    def loss(self) -> float:
        """The mean over the shares."""
        return sum(self.loss_by_noise.values()) / len(self.loss_by_noise)


@dataclass(frozen=True, slots=True)
class Saved:
    """A whole checkpoint: a folder `step-000200` with `adapter.safetensors`, `optimizer.safetensors`, `state.json`."""

    step: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Sampled:
    """Pictures of the sample prompts, in their order; the same seeds each time."""

    step: int
    pictures: tuple[Image.Image, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stopped:
    """It ended before its time; `checkpoint` is the last good one, None if there is none. `reason` is a sentence."""

    step: int
    code: StopCode
    reason: str
    checkpoint: Path | None


@dataclass(frozen=True, slots=True)
class Ended:
    """All steps are done; `checkpoint` holds the last."""

    step: int
    checkpoint: Path
    seconds: float


Event: TypeAlias = Began | Stepped | Validated | Saved | Sampled | Stopped | Ended

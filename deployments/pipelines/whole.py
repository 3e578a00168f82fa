"""The protocol of a model that is called whole, from prompts to pictures, and tells of its steps on the way."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Protocol

from deployments.families.family import Work
from deployments.messages import GenerateRequest, Picture

if TYPE_CHECKING:  # torch
    from deployments.loras.keys import Anatomy
    from deployments.loras.slots import Slots


class Stopped(Exception):
    """Raised by a `Watch` inside a call whose pictures nobody waits for any more. It must come out of the call."""


class Watch(Protocol):
    """Told of a call's progress by the model, between two steps."""

    def __call__(self, step: int, steps: int, /) -> None:
        """Step `step` (1-based) of `steps` is done for all pictures of the call. May raise Stopped."""
        ...


class Whole(Protocol):
    """A loaded pipeline. Everything but the attributes is called from one thread; a failing call leaves no trace."""

    device: str
    dtype: str
    weights: str
    """Content hash of the weights and of the LoRAs fused into them."""
    least_steps: int
    """The fewest steps that a request may ask for."""
    proven: bool
    """Whether it is known that company changes no picture; where it is not, the warm-up finds out."""
    slots: Slots
    anatomy: Anatomy
    """The weights that LoRAs change: merged for a whole call, so requests with equal LoRAs are drawn together."""

    def work(self, request: GenerateRequest) -> Work:
        """What `request` will cost: the bucket says what a step of it is like. Raises StageError, naming the field,
        for what the model cannot draw."""
        ...

    def size(self, bucket: Hashable) -> float:
        """The work of one picture of `bucket` in a step, relative to other buckets; more than 0."""
        ...

    def draw(self, requests: Sequence[GenerateRequest], watch: Watch) -> list[Picture]:
        """All pictures in one call, in the order of `requests`, each as it would be drawn alone.

        They are equal in bucket, steps, guidance and strength. What `watch` raises comes out within a step.
        """
        ...

"""The protocol that every model family implements: denoising in single steps, each request its own state."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from configs.schema import LoraConfig, ModelConfig
from deployments.messages import GenerateRequest, Passed, Picture

if TYPE_CHECKING:  # torch: what the cluster binds does without until a replica loads
    from deployments.loras.keys import Anatomy
    from deployments.loras.slots import Selection, Slots


@dataclass(frozen=True, slots=True)
class FusedLora:
    """A LoRA of a placement, and the strength at which it is fused into the model when that is loaded."""

    config: LoraConfig
    strength: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a request will cost, known before anything is encoded: lines of a batch, in which bucket, how many steps."""

    bucket: Hashable
    rows: int
    steps: int


class Conditioning(Protocol):
    """An encoded prompt: reusable, never changed."""

    @property
    def nbytes(self) -> int:
        """The memory it holds."""
        ...


class Denoising(Protocol):
    """One request between its first noise and its picture. Owned by one thread; nothing in it is shared."""

    @property
    def step(self) -> int:
        """Steps done so far, 0 to `steps`."""
        ...

    @property
    def steps(self) -> int: ...

    @property
    def full_steps(self) -> int:
        """Steps so far that ran the whole model: fewer than `step` where a step cache skipped some."""
        ...

    @property
    def rows(self) -> int:
        """Lines of the model's batch that a step of it takes: two with classifier-free guidance."""
        ...

    @property
    def bucket(self) -> Hashable:
        """States with equal buckets fit into one call of `Family.step`; those of others where `canvas` says so."""
        ...


C = TypeVar("C", bound="Conditioning")
S = TypeVar("S", bound=Denoising)


class Family(Protocol[C, S]):
    """A loaded model. `C` is its conditioning, `S` its state.

    Everything but the attributes is called from one thread. A failing call leaves the states as they were.
    """

    device: str
    dtype: str
    weights: str
    """Content hash of the weights and of the LoRAs fused into them."""
    slots: Slots
    """Where the denoiser keeps the LoRAs that rows of one batch may choose between."""
    anatomy: Anatomy
    """The weights that a LoRA can change."""

    def encode(self, prompt: str, negative_prompt: str) -> C:
        """Both prompts as the model reads them; a family that has no use for the negative one ignores it."""
        ...

    def work(self, request: GenerateRequest) -> Work:
        """What the state of `request` will be like. Raises StageError for a size that the model cannot draw."""
        ...

    def start(self, request: GenerateRequest, conditioning: C, adapters: Selection = ()) -> S:
        """The state before the first step: noise from the request's seed, and a schedule of its own.

        `adapters` are the slots of the request's LoRAs, with their strengths. Raises StageError for a size, an image
        or a mask that the model cannot use.
        """
        ...

    def size(self, bucket: Hashable) -> float:
        """The work of one row of `bucket` in a step, relative to other buckets; more than 0."""
        ...

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:
        """The bucket in which states of different `buckets` can be stepped together, exactly, or None where they
        cannot or where it would waste too much. Of equal buckets it is that bucket."""
        ...

    def step(self, states: Sequence[S]) -> None:
        """One denoising step for each state, in one call of the model; `canvas` of their buckets is not None.

        They may differ in prompt, seed, number of steps, position, guidance, LoRAs and step cache.
        """
        ...

    def preview(self, state: S) -> Picture:
        """What the picture will look like, judged after at least one step; at most PREVIEW_SIDE pixels a side."""
        ...

    def decode(self, state: S) -> Passed:
        """The picture, once all steps are done, or its latents where the request hands them over. Raises StageError if
        the model lost it (not-a-number)."""
        ...


AnyFamily: TypeAlias = Family[Any, Any]
PREVIEW_SIDE = 128
WARM_UP_ROWS = 1, 2, 4, 8, 16, 32
"""Lines of a batch that an engine's warm-up draws, and that get a graph of their own where blocks are compiled."""


class Load(Protocol):
    """How a family is loaded: the `load` of its module."""

    def __call__(self, config: ModelConfig, loras: Sequence[FusedLora] = ()) -> AnyFamily:
        """Check the weights, then build the model from them. Raises ConfigError with one plain sentence."""
        ...

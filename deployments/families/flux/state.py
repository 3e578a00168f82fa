"""What a request is on its way: an encoded prompt, and latents that one step after another makes a picture of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from deployments.families.control import Followed
from deployments.families.flux.cache import Line, Memory
from deployments.families.flux.canvas import Bucket
from deployments.families.pictures import Kept
from deployments.families.schedule import FlowSchedule
from deployments.loras.slots import Selection
from deployments.messages import StepCache


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one row is told: `tokens` [1, T, D] from T5, with those of pictures behind them where FLUX.1 Redux read
    some, and `pooled` [1, P] from CLIP."""

    tokens: torch.Tensor
    pooled: torch.Tensor

    @property
    def text(self) -> int:
        """How many tokens."""
        return self.tokens.shape[1]

    @property
    def nbytes(self) -> int:
        return self.tokens.nbytes + self.pooled.nbytes


@dataclass(frozen=True, slots=True)
class FluxConditioning:
    """An encoded prompt, with the negative one for a model without a guidance embedding."""

    prompt: Prompt
    negative: Prompt | None = None

    @property
    def nbytes(self) -> int:
        return self.prompt.nbytes + (0 if self.negative is None else self.negative.nbytes)


@dataclass(slots=True)
class FluxDenoising:
    """A request on its way. `latents` [1, S, C] packed two by two; `velocity` is the last prediction, same shape.

    The model sees besides: `beside` [1, S, X] as further channels (what Fill is to keep), `reference` [1, R, C] as
    further tokens (the picture that Kontext changes).
    """

    width: int
    height: int
    bucket: Bucket
    guidance_scale: float
    conditioning: FluxConditioning
    schedule: FlowSchedule
    generator: torch.Generator
    latents: torch.Tensor
    kept: Kept | None = None
    beside: torch.Tensor | None = None
    reference: torch.Tensor | None = None
    controls: tuple[Followed, ...] = ()
    adapters: Selection = ()
    step_cache: StepCache | None = None
    velocity: torch.Tensor | None = None
    step: int = 0
    full_steps: int = 0
    """How many of the steps went through all blocks of the model: fewer than `step` with a step cache."""
    memories: tuple[Memory | None, ...] = (None, None)
    """The step cache of each row."""

    @property
    def steps(self) -> int:
        return self.schedule.steps

    @property
    def guided(self) -> bool:
        """Whether a step costs two rows: with the prompt and with the negative prompt."""
        return self.conditioning.negative is not None and self.guidance_scale > 1

    @property
    def rows(self) -> int:
        return 2 if self.guided else 1

    @property
    def seen(self) -> torch.Tensor:
        """The picture as the model sees it before the next step, [1, S + R, C + X]."""
        seen = self.latents if self.beside is None else torch.cat((self.latents, self.beside), dim=2)
        return seen if self.reference is None else torch.cat((seen, self.reference), dim=1)

    @property
    def timestep(self) -> torch.Tensor:
        """What the model is told before the next step, 0 to 1."""
        return self.schedule.timestep(self.step).to(self.latents.dtype) / 1000

    def prompts(self) -> list[Row]:
        """The lines of the batch for the next step: with the prompt, then, where guided, with the negative one."""
        rows = [Row(self, self.conditioning.prompt)]
        if self.guided:
            assert self.conditioning.negative is not None
            rows.append(Row(self, self.conditioning.negative))
        return rows

    def lines(self) -> list[Line]:
        """Each row as the step cache sees it. Both rows of one picture are decided by themselves, as in diffusers."""
        last = self.step + 1 == self.steps
        return [
            Line(self.bucket, self.adapters, self.step_cache, memory, last, self.step)
            for memory in self.memories[: self.rows]
        ]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a batch."""

    state: FluxDenoising
    prompt: Prompt

    @property
    def bucket(self) -> Bucket:
        """Its own shape: a negative prompt may be shorter than a prompt that shows pictures."""
        return replace(self.state.bucket, text=self.prompt.text)


@dataclass(frozen=True, slots=True)
class Advance:
    """What one step changes. Found for all states of a batch before any is changed, so that a step that fails
    changes none."""

    latents: torch.Tensor
    velocity: torch.Tensor
    generator: torch.Generator
    memories: tuple[Memory | None, ...]
    full: bool

    def apply(self, state: FluxDenoising) -> None:
        state.latents, state.velocity, state.generator = self.latents, self.velocity, self.generator
        state.memories = self.memories
        state.full_steps += self.full
        state.step += 1

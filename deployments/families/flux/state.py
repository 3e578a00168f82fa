"""What a request is on its way: an encoded prompt, and latents that one step after another makes a picture of."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from deployments.families.flux.cache import Line, Memory
from deployments.families.flux.canvas import Bucket
from deployments.families.pictures import Kept
from deployments.families.schedule import FlowSchedule
from deployments.loras.slots import Selection
from deployments.messages import StepCache


@dataclass(frozen=True, slots=True)
class FluxConditioning:
    """An encoded prompt: `tokens` [1, T, D] from T5, `pooled` [1, P] from CLIP, `ids` [T, 3]; the same of the
    negative prompt for a model without a guidance embedding."""

    tokens: torch.Tensor
    pooled: torch.Tensor
    ids: torch.Tensor
    negative_tokens: torch.Tensor | None = None
    negative_pooled: torch.Tensor | None = None

    @property
    def nbytes(self) -> int:
        tensors = (self.tokens, self.pooled, self.ids, self.negative_tokens, self.negative_pooled)
        return sum(tensor.nbytes for tensor in tensors if tensor is not None)


@dataclass(slots=True)
class FluxDenoising:
    """A request on its way. `latents` [1, S, C] packed two by two; `velocity` is the last prediction, same shape."""

    width: int
    height: int
    bucket: Bucket
    guidance_scale: float
    conditioning: FluxConditioning
    schedule: FlowSchedule
    generator: torch.Generator
    latents: torch.Tensor
    kept: Kept | None = None
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
        return self.conditioning.negative_tokens is not None and self.guidance_scale > 1

    @property
    def rows(self) -> int:
        return 2 if self.guided else 1

    def prompts(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The tokens and the pooled embedding of each row."""
        prompt = self.conditioning
        rows = [(prompt.tokens, prompt.pooled)]
        if self.guided:
            assert prompt.negative_tokens is not None
            assert prompt.negative_pooled is not None
            rows.append((prompt.negative_tokens, prompt.negative_pooled))
        return rows

    def lines(self) -> list[Line]:
        """Each row as the step cache sees it. Both rows of one picture are decided by themselves, as in diffusers."""
        last = self.step + 1 == self.steps
        return [
            Line(self.bucket, self.adapters, self.step_cache, memory, last, self.step)
            for memory in self.memories[: self.rows]
        ]


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

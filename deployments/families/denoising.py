"""A request between its first noise and its picture, for every family that `diffusion.py` steps."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch

from deployments.families.control import Followed
from deployments.families.family import Conditioning
from deployments.families.pictures import Kept
from deployments.families.schedule import Schedule
from deployments.loras.slots import Selection
from deployments.messages import GenerateRequest

C = TypeVar("C", bound=Conditioning)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a request starts with. `extra` is what its family keeps for it besides: references, image prompts."""

    latents: torch.Tensor
    kept: Kept | None = None
    controls: tuple[Followed, ...] = ()
    extra: Any = None


@dataclass(slots=True)
class Diffusing(Generic[C]):
    """A request on its way. `latents` [1, …]; `clean`, same shape, is the picture that the last step foresaw."""

    request: GenerateRequest
    bucket: Hashable
    guided: bool
    conditioning: C
    schedule: Schedule
    generator: torch.Generator
    latents: torch.Tensor
    kept: Kept | None = None
    controls: tuple[Followed, ...] = ()
    extra: Any = None
    adapters: Selection = ()
    clean: torch.Tensor | None = None
    step: int = 0

    @property
    def steps(self) -> int:
        return self.schedule.steps

    @property
    def full_steps(self) -> int:
        """All of them: no step cache here."""
        return self.step

    @property
    def rows(self) -> int:
        return 2 if self.guided else 1

    def rows_now(self) -> list[Row[C]]:
        """The lines of the batch for the next step: with the prompt, then, where guided, with the negative one."""
        latents = self.schedule.model_input(self.latents, self.step)
        timestep = self.schedule.timestep(self.step)
        return [Row(self, negative, latents, timestep) for negative in (False, True)[: self.rows]]


@dataclass(frozen=True, slots=True)
class Row(Generic[C]):
    """One line of a batch: `latents` [1, …] as the model reads them, `timestep` a scalar."""

    state: Diffusing[C]
    negative: bool
    latents: torch.Tensor
    timestep: torch.Tensor


@dataclass(frozen=True, slots=True)
class Advance:
    """What one step changes. Found for all states of a batch before any is changed, so that a step that fails
    changes none."""

    latents: torch.Tensor
    clean: torch.Tensor
    schedule: Schedule
    generator: torch.Generator

    def apply(self, state: Diffusing[Any]) -> None:
        state.latents, state.clean = self.latents, self.clean
        state.schedule, state.generator = self.schedule, self.generator
        state.step += 1

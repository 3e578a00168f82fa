"""The noise schedule of one request, for families that denoise along a flow (FLUX, SD3 …)."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True, slots=True)
class FlowSchedule:
    """The steps of one request, `begin` being how many of the schedule's first are left out (for a given picture).

    diffusers' scheduler counts the steps it takes; here each is taken by a fresh copy of one that has taken none. So a
    step is a function of its number, and one that failed can be taken again.
    """

    scheduler: Any
    begin: int = 0

    @property
    def steps(self) -> int:
        return len(self.scheduler.timesteps) - self.begin

    def timestep(self, step: int) -> torch.Tensor:
        """What the model is told before step `step` (0-based), in 0..1000; a scalar on the device."""
        timestep: torch.Tensor = self.scheduler.timesteps[self.begin + step]
        return timestep

    def sigma(self, step: int) -> torch.Tensor:
        """The share of noise before step `step`; zero after the last."""
        sigma: torch.Tensor = self.scheduler.sigmas[self.begin + step]
        return sigma

    def advance(
        self, latents: torch.Tensor, velocity: torch.Tensor, step: int, generator: torch.Generator
    ) -> torch.Tensor:
        """The latents after step `step`; `generator` is used by schedulers that add noise of their own."""
        following: torch.Tensor = self._at(step).step(
            velocity, self.timestep(step), latents, generator=generator, return_dict=False
        )[0]
        return following

    def mix(self, clean: torch.Tensor, noise: torch.Tensor, step: int) -> torch.Tensor:
        """A picture's clean latents with as much `noise` as there is before step `step`."""
        mixed: torch.Tensor = self._at(step).scale_noise(clean, self.timestep(step)[None], noise)
        return mixed

    def _at(self, step: int) -> Any:
        own = copy.copy(self.scheduler)
        own.set_begin_index(self.begin + step)
        return own


def flow_schedule(scheduler: Any, steps: int, tokens: int, device: torch.device, strength: float = 1.0) -> FlowSchedule:
    """`steps` steps over `tokens` latent tokens as diffusers' pipelines set them, with `scheduler`'s settings.

    Of these the last `strength` (0 to 1) are taken, as its img2img pipelines do.
    """
    own = copy.deepcopy(scheduler)
    shift = _shift(own.config, tokens)
    if own.config.get("use_flow_sigmas"):
        own.set_timesteps(steps, device=device, mu=shift)
    else:
        own.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps).tolist(), device=device, mu=shift)
    return FlowSchedule(own, begin=int(max(steps - min(steps * strength, steps), 0)))


def _shift(config: Any, tokens: int) -> float:
    """How far the schedule leans towards noise: more for more tokens, on the line through the config's two points."""
    fewest, most = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    least, greatest = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    slope = (greatest - least) / (most - fewest)
    shift: float = tokens * slope + least - slope * fewest
    return shift

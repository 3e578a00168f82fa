"""The noise schedule of one request: what every family asks of it, and that of those which denoise along a flow."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from configs.errors import ConfigError, StageError


@dataclass(frozen=True, slots=True)
class Stepped:
    """What a step of a schedule gives: the next latents, the picture as the model now foresees it (`clean`, latents
    too), and the schedule for the next step, which is another one where schedulers remember what they saw."""

    latents: torch.Tensor
    clean: torch.Tensor
    schedule: Schedule


class Schedule(Protocol):
    """The steps of one request. Never changed: a step that failed can be taken again."""

    @property
    def steps(self) -> int: ...

    def timestep(self, step: int) -> torch.Tensor:
        """What the model is told before step `step` (0-based); a scalar on the device."""
        ...

    def model_input(self, latents: torch.Tensor, step: int) -> torch.Tensor:
        """The latents as the model reads them before step `step`."""
        ...

    def advance(
        self, latents: torch.Tensor, prediction: torch.Tensor, step: int, generator: torch.Generator
    ) -> Stepped:
        """Take step `step`; `generator` is for schedules that add noise of their own."""
        ...

    def mix(self, clean: torch.Tensor, noise: torch.Tensor, step: int) -> torch.Tensor:
        """A picture's clean latents with as much `noise` as there is before step `step`."""
        ...


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

    def model_input(self, latents: torch.Tensor, step: int) -> torch.Tensor:  # noqa: ARG002 - the same at every step
        return latents

    def advance(
        self, latents: torch.Tensor, prediction: torch.Tensor, step: int, generator: torch.Generator
    ) -> Stepped:
        following: torch.Tensor = self._at(step).step(
            prediction, self.timestep(step), latents, generator=generator, return_dict=False
        )[0]
        return Stepped(following, latents - self.sigma(step) * prediction, self)

    def mix(self, clean: torch.Tensor, noise: torch.Tensor, step: int) -> torch.Tensor:
        """A picture's clean latents with as much `noise` as there is before step `step`."""
        mixed: torch.Tensor = self._at(step).scale_noise(clean, self.timestep(step)[None], noise)
        return mixed

    def _at(self, step: int) -> Any:
        own = copy.copy(self.scheduler)
        own.set_begin_index(self.begin + step)
        return own


def check_flow(scheduler: Any, owner: str) -> None:
    """Raises ConfigError for a scheduler whose steps depend on earlier ones, which FlowSchedule cannot take."""
    import diffusers

    parts: Any = diffusers
    if not isinstance(scheduler, parts.FlowMatchEulerDiscreteScheduler):
        raise ConfigError(
            f"{owner}: its scheduler is {type(scheduler).__name__}, which remembers earlier steps; "
            "this family steps with FlowMatchEulerDiscreteScheduler only.",
            "weights",
        )


def flow_schedule(
    scheduler: Any,
    steps: int,
    tokens: int,
    device: torch.device,
    strength: float = 1.0,
    spaced: bool = True,
    shift: float | None = None,
) -> FlowSchedule:
    """`steps` steps over `tokens` latent tokens as diffusers' pipelines set them, with `scheduler`'s settings.

    Of these the last `strength` (0 to 1) are taken, as its img2img pipelines do. `spaced`: the pipeline gives the
    scheduler evenly spaced sigmas, as FLUX does; SD3 leaves them to it. `shift` is how far it leans towards noise; if
    absent, as its config says for so many tokens. Raises StageError for less than one step.
    """
    if steps < 1:
        raise StageError(f"a picture takes at least one step, not {steps}", "num_inference_steps")
    own = copy.deepcopy(scheduler)
    shift = token_shift(own.config, tokens) if shift is None else shift
    if own.config.get("use_flow_sigmas") or not spaced:
        own.set_timesteps(steps, device=device, mu=shift)
    else:
        own.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps).tolist(), device=device, mu=shift)
    return FlowSchedule(own, begin=int(max(steps - min(steps * strength, steps), 0)))


def usual_shift(scheduler: Any, tokens: int) -> float:
    """How far a flow's `scheduler` leans towards noise for so many tokens, 1 where it does not: of shares of noise s it
    makes shift s / (1 + (shift - 1) s)."""
    config = scheduler.config
    if config.get("use_dynamic_shifting"):
        shift = token_shift(config, tokens)
        return shift if config.get("time_shift_type") == "linear" else math.exp(shift)
    return float(config.get("shift") or config.get("flow_shift") or 1.0)


def token_shift(config: Any, tokens: int) -> float:
    """How far the schedule leans towards noise: more for more tokens, on the line through the config's two points."""
    fewest, most = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    least, greatest = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    slope = (greatest - least) / (most - fewest)
    shift: float = tokens * slope + least - slope * fewest
    return shift

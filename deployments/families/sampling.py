"""The schedule of one request over diffusers' own samplers, those that remember earlier steps and those that add noise
of their own included."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass, replace
from typing import Any

import torch

from configs.errors import ConfigError, StageError
from deployments.families.schedule import Stepped

SAMPLERS = frozenset(
    {
        "DDIMScheduler",
        "DPMSolverMultistepScheduler",
        "EDMDPMSolverMultistepScheduler",
        "EDMEulerScheduler",
        "EulerAncestralDiscreteScheduler",
        "EulerDiscreteScheduler",
        "LCMScheduler",
        "UniPCMultistepScheduler",
    }
)
"""Those whose every step calls the model once, and which the tests compare with diffusers' pipelines."""

_FORESEEING = ("dpmsolver++", "sde-dpmsolver++")


@dataclass(frozen=True, slots=True)
class SamplerSchedule:
    """The steps of one request, `begin` being how many of the sampler's first are left out (for a given picture), and
    `left` how many of its last (for a picture that is handed over).

    Each step is taken by a copy of `scheduler`, told where it stands. What that copy learns is in the schedule of the
    next step, so this one is never changed.
    """

    scheduler: Any
    begin: int = 0
    left: int = 0

    @property
    def steps(self) -> int:
        return len(self.scheduler.timesteps) - self.begin - self.left

    def timestep(self, step: int) -> torch.Tensor:
        timestep: torch.Tensor = self.scheduler.timesteps[self.begin + step]
        return timestep

    def model_input(self, latents: torch.Tensor, step: int) -> torch.Tensor:
        scaled: torch.Tensor = self._at(step).scale_model_input(latents, self.timestep(step))
        return scaled

    def advance(
        self, latents: torch.Tensor, prediction: torch.Tensor, step: int, generator: torch.Generator
    ) -> Stepped:
        own = self._at(step)
        drawing = {"generator": generator} if "generator" in inspect.signature(own.step).parameters else {}
        done = own.step(prediction, self.timestep(step), latents, **drawing)
        return Stepped(done.prev_sample, _foreseen(done, own), replace(self, scheduler=own))

    def mix(self, clean: torch.Tensor, noise: torch.Tensor, step: int) -> torch.Tensor:
        mixed: torch.Tensor = self._at(step).add_noise(clean, noise, self.timestep(step)[None])
        return mixed

    def pure(self, noise: torch.Tensor) -> torch.Tensor:
        """`noise` of variance 1 as strong as it is before the first of all steps."""
        latents: torch.Tensor = noise * self.scheduler.init_noise_sigma
        return latents

    def _at(self, step: int) -> Any:
        own = copy.copy(self.scheduler)
        for name, memory in list(vars(own).items()):
            if isinstance(memory, list):
                setattr(own, name, list(memory))
        if hasattr(own, "set_begin_index"):
            own._step_index = None
            own.set_begin_index(self.begin + step)
        return own


def check_sampler(scheduler: Any, owner: str) -> None:
    """Raises ConfigError for a sampler whose steps have not been compared with diffusers' pipelines."""
    name = type(scheduler).__name__
    if name not in SAMPLERS:
        raise ConfigError(
            f"{owner}: its scheduler is {name}; this family samples with {', '.join(sorted(SAMPLERS))}. Name a "
            "'sampler' in its YAML.",
            "weights",
        )
    algorithm = scheduler.config.get("algorithm_type", _FORESEEING[0])
    if algorithm not in _FORESEEING or not scheduler.config.get("predict_x0", True):
        raise ConfigError(
            f"{owner}: its scheduler foresees noise and not pictures, of which no preview can be made. Name a "
            "'sampler' in its YAML.",
            "weights",
        )


def sampler_schedule(scheduler: Any, steps: int, device: torch.device, strength: float = 1.0) -> SamplerSchedule:
    """`steps` steps with `scheduler`'s settings; of these the last `strength` (0 to 1), as img2img pipelines take them.

    Raises StageError for a number that the sampler does not take, and where nothing is left to do.
    """
    if steps < 1:
        raise StageError(f"a picture takes at least one step, not {steps}", "num_inference_steps")
    own = copy.deepcopy(scheduler)
    try:
        own.set_timesteps(steps, device=device)
    except ValueError as error:
        first = next(iter(str(error).splitlines()), "")
        raise StageError(f"this model's sampler does not take {steps} steps: {first}", "num_inference_steps") from None
    begin = max(steps - min(int(steps * strength), steps), 0)
    if begin >= len(own.timesteps):
        raise StageError(
            f"a strength of {strength:g} leaves none of {steps} steps: raise it to {1 / steps:.2g} or more, or take "
            "more steps",
            "strength",
        )
    return SamplerSchedule(own, begin)


def between(schedule: SamplerSchedule, start: float, end: float) -> SamplerSchedule:
    """As much of `schedule` as diffusers' `denoising_start` and `denoising_end` leave: shares of the noise that the
    model was trained on, not of the steps. Raises StageError where that is no step."""
    timesteps, trained = schedule.scheduler.timesteps, schedule.scheduler.config.num_train_timesteps
    begin = schedule.begin if start == 0 else int((timesteps >= round(trained - start * trained)).sum())
    left = 0 if end == 1 else int((timesteps < round(trained - end * trained)).sum())
    if begin + left >= len(timesteps):
        field = "denoising_end" if end < 1 else "denoising_start"
        raise StageError(f"{field} leaves none of {len(timesteps)} steps: choose another share, or more steps", field)
    return replace(schedule, begin=begin, left=left)


def _foreseen(done: Any, own: Any) -> torch.Tensor:
    """The picture that a step foresaw, wherever its sampler has put it."""
    for name in ("pred_original_sample", "denoised"):
        if (clean := getattr(done, name, None)) is not None:
            return torch.as_tensor(clean)
    return torch.as_tensor(own.model_outputs[-1])

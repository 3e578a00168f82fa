"""How much noise, and which: a function of seed and step, so that a resumed run meets what it would have met."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch

from configs.training import TrainingSettings


def generator(seed: int, *place: int | str) -> torch.Generator:
    """Random numbers of a run for one place in it: equal for equal places, unrelated for others. On the CPU, so that
    they are the same on every device."""
    digest = hashlib.sha256("/".join(map(str, (seed, *place))).encode()).digest()
    return torch.Generator("cpu").manual_seed(int.from_bytes(digest[:8], "little") >> 1)


def like(latents: torch.Tensor, numbers: torch.Generator) -> torch.Tensor:
    """Noise in the shape and on the device of `latents`, float32."""
    return torch.randn(latents.shape, generator=numbers).to(latents.device)


def shares(count: int, settings: TrainingSettings, shift: float, numbers: torch.Generator) -> torch.Tensor:
    """Shares of noise [count], 0 to 1, leaning towards noise by `shift` as the schedule of a drawing does.

    diffusers' `logit_mean` is not used: there, +1 leans towards clean pictures.
    """
    if settings.noise == "uniform":
        drawn = torch.rand(count, generator=numbers)
    else:
        drawn = torch.sigmoid(torch.randn(count, generator=numbers))
    return shift * drawn / (1 + (shift - 1) * drawn)


def guidances(count: int, settings: TrainingSettings, numbers: torch.Generator) -> torch.Tensor:
    """The guidance scales [count] that a model which embeds them is told."""
    if settings.guidance == "plain":
        return torch.full((count,), settings.guidance_scale)
    least, most = settings.guidance_least, settings.guidance_most
    return least + (most - least) * torch.rand(count, generator=numbers)


def dropped(count: int, settings: TrainingSettings, numbers: torch.Generator) -> Sequence[bool]:
    """Which captions are left out."""
    chosen: list[bool] = (torch.rand(count, generator=numbers) < settings.caption_dropout).tolist()
    return chosen

"""A picture that one model hands over to another before all its noise is gone: SDXL's base to its refiner."""

from __future__ import annotations

from typing import Any

import torch

from configs.errors import StageError
from deployments.messages import GenerateRequest, Latents


def to_latents(latents: torch.Tensor, request: GenerateRequest, vae: Any) -> Latents:
    """`latents` [1, C, h, w] of a picture of `request`'s size, as float32, in which every dtype of a model fits."""
    values = latents.detach().to("cpu", torch.float32).contiguous().numpy().tobytes()
    return Latents(request.width, request.height, tuple(latents.shape), values, space_of(vae))


def open_latents(picture: Latents, like: torch.Tensor) -> torch.Tensor:
    """What `to_latents` had, in the dtype and on the device of `like`."""
    return torch.frombuffer(bytearray(picture.values), dtype=torch.float32).view(picture.shape).to(like)


def check_handover(request: GenerateRequest, vae: Any) -> None:
    """Raises StageError for latents that this model cannot go on from, and for shares of the steps that are none."""
    if not 0 < request.denoising_end <= 1:
        raise StageError(
            f"denoising_end is above 0 and at most 1, and {request.denoising_end:g} is not", "denoising_end"
        )
    if request.denoising_end < 1 and (field := "mask" if request.mask else "controls" if request.controls else None):
        raise StageError(f"a picture that is handed over is drawn without {field}: leave 'denoising_end' out", field)
    given: Latents | None = request.latents
    if not (0 < request.denoising_start < 1 if given is not None else request.denoising_start == 0):
        raise StageError("latents and a denoising_start between 0 and 1 go together", "denoising_start")
    if given is None:
        return
    if request.image is not None or request.mask is not None:
        raise StageError("a picture begins with latents or with an image, not with both", "image")
    if (given.width, given.height) != (request.width, request.height):
        raise StageError("the latents that were handed over are of a picture of another size", "latents")
    if given.space != (own := space_of(vae)):
        raise StageError(
            f"what was handed over is of another latent space ({given.space}) than this model's ({own}): refine with a "
            "model that has the autoencoder of the one that draws, or leave 'denoising_start' out",
            "denoising_start",
        )


def space_of(vae: Any) -> str:
    """What latents of an autoencoder mean, as far as numbers say it: two that agree read each other's."""
    config = vae.config
    moments = config.get("latents_mean"), config.get("latents_std"), config.get("shift_factor")
    numbers = [config.latent_channels, config.scaling_factor, *(part for part in moments if part is not None)]
    return " ".join(f"{number:g}" if isinstance(number, float) else str(number) for number in numbers)

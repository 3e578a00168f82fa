"""Noise near that of another picture: turned on the sphere on which noise lies, so that it stays noise."""

from __future__ import annotations

from collections.abc import Callable

import torch

from configs.errors import StageError
from deployments.messages import GenerateRequest

_ALIKE = 1e-4  # radians between two directions: nothing lies between them


def check_variations(request: GenerateRequest) -> None:
    """Raises StageError for a request that varies noise and does not begin with noise alone."""
    if request.variations and (request.image is not None or request.latents is not None):
        raise StageError("only what is drawn from noise alone has neighbours: leave out 'near', or the image", "near")


def vary(
    request: GenerateRequest,
    first: torch.Tensor,
    begin: Callable[[torch.Generator], torch.Tensor],
) -> torch.Tensor:
    """`first`, the latents of the request's seed, turned by each of its variations in order; `begin` makes the latents
    of another generator. Latents may be noise times a number. Without variations, or at strength 0, they are `first`
    itself."""
    latents = first
    for one in request.variations:
        if one.strength > 0:
            latents = turn(latents, begin(torch.Generator("cpu").manual_seed(one.seed)), one.strength)
    return latents


def turn(start: torch.Tensor, end: torch.Tensor, share: float) -> torch.Tensor:
    """From `start` to `end` by spherical interpolation (Shoemake 1985), of which a share of 1 is `end` itself. Noise
    of many dimensions lies near a sphere, which the straight line between two of its points leaves: pictures in the
    middle would be drawn from too little noise."""
    if share >= 1:
        return end
    one, other = start.double().cpu(), end.double().cpu()
    cosine = (one * other).sum() / (one.norm() * other.norm())
    angle = torch.arccos(cosine.clamp(-1, 1))
    if not _ALIKE < float(angle) < torch.pi - _ALIKE:
        return start
    turned = (torch.sin((1 - share) * angle) * one + torch.sin(share * angle) * other) / torch.sin(angle)
    return turned.to(start)

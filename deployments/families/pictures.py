"""Pictures that a request brings, for every family: checked, opened, kept where a mask is black, and made of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from PIL import Image

from configs.errors import StageError
from deployments.messages import GenerateRequest, Picture


class Mixing(Protocol):
    """As much of a schedule as keeping a part of a picture needs."""

    @property
    def steps(self) -> int: ...

    def mix(self, clean: torch.Tensor, noise: torch.Tensor, step: int) -> torch.Tensor:
        """A picture's clean latents with as much `noise` as there is before step `step`."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What inpainting keeps, all of the latents' shape: the picture's clean latents and the noise that it began with,
    where `mask` is 0. Where that is 1, the model draws."""

    clean: torch.Tensor
    noise: torch.Tensor
    mask: torch.Tensor

    def restore(self, latents: torch.Tensor, schedule: Mixing, step: int) -> torch.Tensor:
        """The latents before step `step`, with the kept part as noisy as the rest."""
        kept = self.clean if step == schedule.steps else schedule.mix(self.clean, self.noise, step)
        return (1 - self.mask) * kept + self.mask * latents


def check_pictures(request: GenerateRequest) -> None:
    """Raises StageError for a picture, mask or strength that does not fit the request."""
    if request.image is None:
        if request.mask is not None:
            raise StageError("a mask needs an image to redraw", "mask")
        return
    if not 0 < request.strength <= 1:
        raise StageError(f"strength must be above 0 and at most 1, and {request.strength:g} is not", "strength")
    check_size(request.image, request, "image")
    if request.mask is not None:
        check_size(request.mask, request, "mask")


_UNREAD = {
    "latents": "this model goes on from no latents: let it refine pictures, without 'denoising_start'",
    "references": "this model changes no pictures as it is told: give the one to draw over as 'image'",
    "controls": "this model follows no control pictures",
    "image_prompts": "this model reads no pictures as prompts: say in words what is on them",
    "variations": "this model's noise cannot be turned: leave 'near' out, or redraw the picture instead",
}


def check_unread(request: GenerateRequest, *fields: str) -> None:
    """Raises StageError if the request has something in one of `fields` (`references`, `controls`, `image_prompts`,
    `variations`), which the model has no use for: it would be ignored without a word."""
    for field in fields:
        if getattr(request, field):
            raise StageError(_UNREAD[field], field)


def check_size(picture: Picture, request: GenerateRequest, name: str, field: str | None = None) -> None:
    """Raises StageError, naming the `field` (`name` if absent), for a picture that has not the size of the one to
    draw."""
    if (picture.width, picture.height) != (request.width, request.height):
        raise StageError(
            f"the {name} has {picture.width}x{picture.height} pixels and must have {request.width}x{request.height}, "
            "as the picture to draw",
            field or name,
        )
    check_pixels(picture, name, field or name)


def check_pixels(picture: Picture, name: str, field: str) -> None:
    """Raises StageError, naming the `field`, for a picture of any size that has not as many pixels as it says."""
    if not 0 < len(picture.rgb) == picture.width * picture.height * 3:
        raise StageError(f"the {name} is not {picture.width}x{picture.height} pixels of three bytes", field)


def opened(picture: Picture) -> Any:
    """`picture` as Pillow's."""
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)


def to_picture(pixels: torch.Tensor) -> Picture:
    """`pixels` [3, H, W] in -1..1 as 8-bit levels."""
    levels = (pixels.float() / 2 + 0.5).clamp(0, 1) * 255
    rgb = levels.round().to(torch.uint8).permute(1, 2, 0).cpu().contiguous()
    return Picture(width=rgb.shape[1], height=rgb.shape[0], rgb=rgb.numpy().tobytes())

"""Drawing over a given picture: all of it (`FluxImg2ImgPipeline`), or where a mask is white (`FluxInpaintPipeline`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from configs.errors import StageError
from deployments.families.schedule import FlowSchedule
from deployments.messages import GenerateRequest, Picture


@dataclass(frozen=True, slots=True)
class Kept:
    """What inpainting keeps, all packed [1, S, C]: the picture's clean latents and the noise that it began with, where
    `mask` is 0. Where that is 1, the model draws."""

    clean: torch.Tensor
    noise: torch.Tensor
    mask: torch.Tensor

    def restore(self, latents: torch.Tensor, schedule: FlowSchedule, step: int) -> torch.Tensor:
        """The latents before step `step`, with the kept part as noisy as the rest."""
        kept = self.clean if step == schedule.steps else schedule.mix(self.clean, self.noise, step)
        return (1 - self.mask) * kept + self.mask * latents


class Pictures:
    """Pictures and masks as latents, by the methods of diffusers' own pipelines."""

    def __init__(self, pipeline: Any) -> None:
        import diffusers

        parts: Any = diffusers
        self._pipeline = parts.FluxInpaintPipeline(**pipeline.components)  # the same parts, another set of methods

    def begin(
        self, request: GenerateRequest, schedule: FlowSchedule, generator: torch.Generator, like: torch.Tensor
    ) -> tuple[torch.Tensor, Kept | None]:
        """The first latents, in the dtype and on the device of `like`, and, with a mask, what is kept."""
        check(request)
        image, mask = request.image, request.mask
        assert image is not None
        pixels = self._pipeline.image_processor.preprocess(_open(image)).to(like)
        clean = self._pipeline._encode_vae_image(pixels, generator)
        # One call for all numbers of a picture, after the encoder's: the order in which diffusers draws them.
        noise = torch.randn(clean.shape, generator=generator, dtype=like.dtype).to(like.device)
        latents = self._pack(schedule.mix(clean, noise, 0))
        if mask is None:
            return latents, None
        drawn = self._pipeline.mask_processor.preprocess(_open(mask))
        shrunk = torch.nn.functional.interpolate(drawn, size=clean.shape[-2:]).to(like)
        return latents, Kept(self._pack(clean), self._pack(noise), self._pack(shrunk.expand_as(clean)))

    def _pack(self, latents: torch.Tensor) -> torch.Tensor:
        packed: torch.Tensor = self._pipeline._pack_latents(latents.contiguous(), *latents.shape)
        return packed


def check(request: GenerateRequest) -> None:
    """Raises StageError for a picture, mask or strength that does not fit the request."""
    if request.image is None:
        if request.mask is not None:
            raise StageError("a mask needs an image to redraw", "mask")
        return
    if not 0 < request.strength <= 1:
        raise StageError(f"strength must be above 0 and at most 1, and {request.strength:g} is not", "strength")
    _check_size(request.image, request, "image")
    if request.mask is not None:
        _check_size(request.mask, request, "mask")


def _check_size(picture: Picture, request: GenerateRequest, name: str) -> None:
    if (picture.width, picture.height) != (request.width, request.height):
        raise StageError(
            f"the {name} has {picture.width}x{picture.height} pixels and must have {request.width}x{request.height}, "
            "as the picture to draw",
            name,
        )
    if len(picture.rgb) != picture.width * picture.height * 3:
        raise StageError(f"the {name} is not {picture.width}x{picture.height} pixels of three bytes", name)


def _open(picture: Picture) -> Any:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)

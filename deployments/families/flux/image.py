"""Drawing over a given picture: all of it (`FluxImg2ImgPipeline`), or where a mask is white (`FluxInpaintPipeline`)."""

from __future__ import annotations

from typing import Any

import torch

from deployments.families.pictures import Kept, check_pictures, opened
from deployments.families.schedule import FlowSchedule
from deployments.messages import GenerateRequest


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
        check_pictures(request)
        image, mask = request.image, request.mask
        assert image is not None
        pixels = self._pipeline.image_processor.preprocess(opened(image)).to(like)
        clean = self._pipeline._encode_vae_image(pixels, generator)
        # One call for all numbers of a picture, after the encoder's: the order in which diffusers draws them.
        noise = torch.randn(clean.shape, generator=generator, dtype=like.dtype).to(like.device)
        latents = self._pack(schedule.mix(clean, noise, 0))
        if mask is None:
            return latents, None
        drawn = self._pipeline.mask_processor.preprocess(opened(mask))
        shrunk = torch.nn.functional.interpolate(drawn, size=clean.shape[-2:]).to(like)
        return latents, Kept(self._pack(clean), self._pack(noise), self._pack(shrunk.expand_as(clean)))

    def _pack(self, latents: torch.Tensor) -> torch.Tensor:
        packed: torch.Tensor = self._pipeline._pack_latents(latents.contiguous(), *latents.shape)
        return packed

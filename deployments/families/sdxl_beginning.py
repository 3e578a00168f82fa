"""How SDXL begins: from noise, from a picture, or from what a mask leaves of one, as diffusers' pipelines do."""

from __future__ import annotations

from typing import Any

import torch

from deployments.families.autoencoder import Autoencoder
from deployments.families.denoising import Begun
from deployments.families.handover import open_latents
from deployments.families.pictures import Kept, opened
from deployments.families.sampling import SamplerSchedule
from deployments.messages import GenerateRequest


class Beginning:
    """The first latents, and beside them what is kept of the picture or, for the inpainting UNet (`fills`), what it
    reads at every step as `extra` [1, 5, h, w]: the mask and the rest of the picture."""

    def __init__(self, pipeline: Any, autoencoder: Autoencoder, fills: bool) -> None:
        from diffusers.image_processor import VaeImageProcessor

        self._autoencoder, self._fills = autoencoder, fills
        self._unit = int(pipeline.vae_scale_factor)
        self._pictures = pipeline.image_processor
        processor: Any = VaeImageProcessor
        self._masks = processor(self._unit, do_normalize=False, do_binarize=True, do_convert_grayscale=True)

    def begin(
        self, request: GenerateRequest, sampler: SamplerSchedule, generator: torch.Generator, like: torch.Tensor
    ) -> Begun:
        """In the dtype and on the device of `like`."""
        if request.latents is not None:
            return Begun(open_latents(request.latents, like))
        if request.mask is not None:
            return self._masked(request, sampler, generator, like)
        if request.image is not None:
            clean = self._autoencoder.encode(self._pixels(request.image), generator, like)
            return Begun(sampler.mix(clean, self._noise(request, generator, like), 0))
        return Begun(sampler.pure(self._noise(request, generator, like)))

    def _masked(
        self, request: GenerateRequest, sampler: SamplerSchedule, generator: torch.Generator, like: torch.Tensor
    ) -> Begun:
        """Inpainting: what is kept of the picture is put back after each step, unless the UNet sees it."""
        pixels, mask = self._pixels(request.image), self._mask(request.mask)
        everything = request.strength == 1
        clean = like if self._fills and everything else self._autoencoder.encode(pixels, generator, like)
        noise = self._noise(request, generator, like)
        latents = sampler.pure(noise) if everything else sampler.mix(clean, noise, 0)
        shrunk = torch.nn.functional.interpolate(mask, size=noise.shape[-2:]).to(like)
        if self._fills:
            rest = self._autoencoder.encode(pixels * (mask < 0.5), generator, like)
            return Begun(latents, extra=torch.cat([shrunk, rest], dim=1))
        # diffusers encodes the rest of the picture here too and has no use for it, but numbers are drawn for it.
        torch.randn(noise.shape, generator=generator, dtype=self._autoencoder.vae.dtype)
        return Begun(latents, Kept(clean, noise, shrunk.expand_as(clean)))

    def _pixels(self, picture: Any) -> torch.Tensor:
        pixels: torch.Tensor = self._pictures.preprocess(opened(picture))
        return pixels

    def _mask(self, picture: Any) -> torch.Tensor:
        """[1, 1, H, W], 1 where the model draws and 0 elsewhere."""
        mask: torch.Tensor = self._masks.preprocess(opened(picture))
        return mask

    def _noise(self, request: GenerateRequest, generator: torch.Generator, like: torch.Tensor) -> torch.Tensor:
        shape = (1, self._autoencoder.channels, request.height // self._unit, request.width // self._unit)
        return torch.randn(shape, generator=generator, dtype=like.dtype).to(like.device)

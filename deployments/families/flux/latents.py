"""Pictures as latents and back, by the methods of diffusers' own pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch

from deployments.families.flux.canvas import Grid
from deployments.families.pictures import Kept, opened
from deployments.families.schedule import FlowSchedule
from deployments.messages import GenerateRequest, Picture


@dataclass(frozen=True, slots=True)
class Begun:
    """What a request starts with: `latents` [1, S, C]; with a mask, what is `kept`; and what the model sees beside or
    behind them (see `FluxDenoising`)."""

    latents: torch.Tensor
    kept: Kept | None = None
    beside: torch.Tensor | None = None
    reference: torch.Tensor | None = None


class Beginning(Protocol):
    """What differs between the variants of FLUX.1: the pictures that a request brings, and what becomes of them."""

    negative: bool
    """Whether the variant's pipeline has a use for negative prompts, where its guidance is not embedded."""

    def check(self, request: GenerateRequest) -> None:
        """Raises StageError for pictures that are missing, too many, or of another size."""
        ...

    def reference(self, request: GenerateRequest) -> Grid:
        """The tokens that its reference takes."""
        ...

    def begin(
        self, request: GenerateRequest, schedule: FlowSchedule, generator: torch.Generator, like: torch.Tensor
    ) -> Begun:
        """The start of a request that was checked, in the dtype and on the device of `like`. Random numbers are drawn
        in the order in which diffusers' pipeline draws them."""
        ...


class Latents:
    """The parts of a pipeline that have to do with pixels. Latents are [1, C, H / 8, W / 8], packed [1, S, 4 * C]."""

    def __init__(self, pipeline: Any) -> None:
        import diffusers

        parts: Any = diffusers
        self._pipeline = parts.FluxInpaintPipeline(**pipeline.components)  # the same parts, another set of methods
        self._factor = int(pipeline.vae_scale_factor)
        self.channels = int(pipeline.transformer.out_channels) // 4
        self.unit = 2 * self._factor
        """Pixels of a token, each way."""

    def noise(self, request: GenerateRequest, generator: torch.Generator, like: torch.Tensor) -> torch.Tensor:
        """The first latents of a picture of the request's size."""
        shape = (1, self.channels, request.height // self._factor, request.width // self._factor)
        return torch.randn(shape, generator=generator, dtype=like.dtype).to(like.device)

    def pixels(self, picture: Picture) -> torch.Tensor:
        """A picture [1, 3, H, W] in -1..1."""
        pixels: torch.Tensor = self._pipeline.image_processor.preprocess(opened(picture))
        return pixels

    def mask(self, picture: Picture) -> torch.Tensor:
        """A mask [1, 1, H, W] of 0 and 1."""
        mask: torch.Tensor = self._pipeline.mask_processor.preprocess(opened(picture))
        return mask

    def encode(self, pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """The latents of a picture's pixels; an encoder that samples uses `generator`."""
        latents: torch.Tensor = self._pipeline._encode_vae_image(pixels, generator)
        return latents

    def pack(self, latents: torch.Tensor) -> torch.Tensor:
        """Two by two, as the transformer reads them."""
        packed: torch.Tensor = self._pipeline._pack_latents(latents.contiguous(), *latents.shape)
        return packed

    def decode(self, packed: torch.Tensor, width: int, height: int, shrink: float = 1.0) -> torch.Tensor:
        """Pixels [3, H, W] in -1..1 of a picture of `width` x `height`. Latents are made smaller by `shrink` first:
        so a preview of a large picture costs as much as one of a small picture."""
        vae = self._pipeline.vae
        latents = self._pipeline._unpack_latents(packed, height, width, self._factor)
        if shrink < 1:
            latents = torch.nn.functional.interpolate(latents, scale_factor=shrink, mode="area")
        scaled = (latents / vae.config.scaling_factor + vae.config.shift_factor).to(vae.dtype)
        pixels: torch.Tensor = vae.decode(scaled, return_dict=False)[0][0]
        return pixels

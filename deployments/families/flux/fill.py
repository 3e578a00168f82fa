"""The variant `fill`: `FluxFillPipeline`, whose model sees beside the latents what is to be kept, and the mask."""

from __future__ import annotations

from typing import Any

import torch

from configs.errors import StageError
from deployments.families.flux.canvas import NOTHING, Grid
from deployments.families.flux.latents import Begun, Latents
from deployments.families.pictures import check_pictures, check_unread
from deployments.families.schedule import FlowSchedule
from deployments.messages import GenerateRequest


class Filling:
    """See `Beginning`."""

    negative = False

    def __init__(self, pipeline: Any, latents: Latents) -> None:
        self._pipeline = pipeline
        self._latents = latents

    def check(self, request: GenerateRequest) -> None:
        check_unread(request, "references")
        for field in ("image", "mask"):
            if getattr(request, field) is None:
                raise StageError(
                    f"this model fills what a mask leaves open in a picture: give it an image and a mask, "
                    f"and the {field} is missing",
                    field,
                )
        check_pictures(request)

    def reference(self, request: GenerateRequest) -> Grid:  # noqa: ARG002 - none
        return NOTHING

    def begin(
        self, request: GenerateRequest, schedule: FlowSchedule, generator: torch.Generator, like: torch.Tensor
    ) -> Begun:
        assert request.image is not None
        assert request.mask is not None
        pixels, mask = self._latents.pixels(request.image), self._latents.mask(request.mask)
        clean = self._latents.encode(pixels.to(like), generator)
        noise = self._latents.noise(request, generator, like)
        masked = (pixels * (1 - mask)).to(like)
        drawn, kept = self._pipeline.prepare_mask_latents(
            mask,
            masked,
            batch_size=1,
            num_channels_latents=self._latents.channels,
            num_images_per_prompt=1,
            height=request.height,
            width=request.width,
            dtype=like.dtype,
            device=like.device,
            generator=generator,
        )
        return Begun(self._latents.pack(schedule.mix(clean, noise, 0)), beside=torch.cat((kept, drawn), dim=-1))

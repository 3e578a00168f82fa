"""The base variant: from nothing but words (`FluxPipeline`), over a given picture (`FluxImg2ImgPipeline`), or over it
where a mask is white (`FluxInpaintPipeline`)."""

from __future__ import annotations

import torch

from deployments.families.flux.canvas import NOTHING, Grid
from deployments.families.flux.latents import Begun, Latents
from deployments.families.pictures import Kept, check_pictures, check_unread
from deployments.families.schedule import FlowSchedule
from deployments.messages import GenerateRequest


class TextToImage:
    """See `Beginning`."""

    negative = True

    def __init__(self, latents: Latents) -> None:
        self._latents = latents

    def check(self, request: GenerateRequest) -> None:
        check_unread(request, "references")
        check_pictures(request)

    def reference(self, request: GenerateRequest) -> Grid:  # noqa: ARG002 - none
        return NOTHING

    def begin(
        self, request: GenerateRequest, schedule: FlowSchedule, generator: torch.Generator, like: torch.Tensor
    ) -> Begun:
        if request.image is None:
            return Begun(self._latents.pack(self._latents.noise(request, generator, like)))
        clean = self._latents.encode(self._latents.pixels(request.image).to(like), generator)
        noise = self._latents.noise(request, generator, like)
        latents = self._latents.pack(schedule.mix(clean, noise, 0))
        if request.mask is None:
            return Begun(latents)
        mask = torch.nn.functional.interpolate(self._latents.mask(request.mask), size=clean.shape[-2:]).to(like)
        pack = self._latents.pack
        return Begun(latents, Kept(pack(clean), pack(noise), pack(mask.expand_as(clean))))

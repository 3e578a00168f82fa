"""The variant `kontext`: `FluxKontextPipeline`, whose model sees behind the latents the picture that it changes.

That picture is brought to the one of the sizes Kontext learned from whose shape is nearest, whatever the size to draw:
as by diffusers unless told otherwise, and so at most about a megapixel.
"""

from __future__ import annotations

from typing import Any

import torch

from configs.errors import StageError
from deployments.families.flux.canvas import NOTHING, Grid
from deployments.families.flux.latents import Begun, Latents
from deployments.families.pictures import check_pixels, opened
from deployments.families.schedule import FlowSchedule
from deployments.messages import GenerateRequest, Picture


class Editing:
    """See `Beginning`. Without a reference it draws from words alone."""

    negative = True

    def __init__(self, pipeline: Any, latents: Latents) -> None:
        self._pipeline = pipeline
        self._latents = latents

    def check(self, request: GenerateRequest) -> None:
        for field in ("image", "mask"):
            if getattr(request, field) is not None:
                raise StageError(
                    f"this model draws over no {field}: give the picture to change as a reference, and say in words "
                    "what to change",
                    field,
                )
        if len(request.references) > 1:
            raise StageError(f"this model changes one picture, and {len(request.references)} are given", "references")
        for picture in request.references:
            check_pixels(picture, "reference", "references")

    def reference(self, request: GenerateRequest) -> Grid:
        for picture in request.references:
            width, height = self._size(picture)
            return Grid(height // self._latents.unit, width // self._latents.unit)
        return NOTHING

    def begin(
        self,
        request: GenerateRequest,
        schedule: FlowSchedule,  # noqa: ARG002 - it begins with noise alone
        generator: torch.Generator,
        like: torch.Tensor,
    ) -> Begun:
        reference = [self._encode(picture, generator, like) for picture in request.references]
        latents = self._latents.pack(self._latents.noise(request, generator, like))
        return Begun(latents, reference=reference[0] if reference else None)

    def _encode(self, picture: Picture, generator: torch.Generator, like: torch.Tensor) -> torch.Tensor:
        """The picture [1, R, C] in the encoder's most likely latents."""
        width, height = self._size(picture)
        processor = self._pipeline.image_processor
        pixels = processor.preprocess(processor.resize(opened(picture), height, width), height, width)
        return self._latents.pack(self._pipeline._encode_vae_image(pixels.to(like), generator))

    def _size(self, picture: Picture) -> tuple[int, int]:
        """Width and height, in pixels, at which the model sees a picture."""
        from diffusers.pipelines.flux import pipeline_flux_kontext

        module: Any = pipeline_flux_kontext
        aspect, unit = picture.width / picture.height, self._latents.unit
        sizes = module.PREFERRED_KONTEXT_RESOLUTIONS
        _, width, height = min((abs(aspect - width / height), width, height) for width, height in sizes)
        return width // unit * unit, height // unit * unit

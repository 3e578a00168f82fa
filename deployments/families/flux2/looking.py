"""The pictures that FLUX.2 looks at: how many tokens each takes, and what it reads of them."""

from __future__ import annotations

from typing import Any

import torch

from configs.errors import StageError
from deployments.families.flux2.layout import Grid
from deployments.families.pictures import check_pixels, opened
from deployments.messages import GenerateRequest, Picture

MOST_REFERENCES = 10
REFERENCE_PIXELS = 1024 * 1024


class Looking:
    """What a pipeline's autoencoder says of pictures, packed into tokens [1, S, C]."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._device = torch.device(pipeline._execution_device)

    @property
    def unit(self) -> int:
        """Pixels of a token's side."""
        return int(self._pipeline.vae_scale_factor) * 2

    def grids(self, request: GenerateRequest) -> tuple[Grid, ...]:
        """Of what lies behind the picture: the one to draw over, if any, then the references. Raises StageError."""
        own = () if request.image is None else (request.image,)
        if len(own) + len(request.references) > MOST_REFERENCES:
            raise StageError(
                f"at most {MOST_REFERENCES} references, a picture to draw over included, and these are "
                f"{len(own) + len(request.references)}",
                "references",
            )
        for picture in own:
            check_pixels(picture, "image", "image")
        for picture in request.references:
            self._check(picture)
        return tuple(self._grid(picture) for picture in (*own, *request.references))

    def look(self, request: GenerateRequest, clean: torch.Tensor | None) -> torch.Tensor | None:
        """What lies behind the picture, one behind the other; `clean` is what is known of the one to draw over."""
        seen = [self._encode(self._shrunk(picture)) for picture in request.references]
        if request.image is not None and clean is not None:
            large = request.width * request.height > REFERENCE_PIXELS
            seen.insert(0, self._encode(self._shrunk(request.image)) if large else clean)
        return torch.cat(seen, dim=1) if seen else None

    def read(self, picture: Picture) -> torch.Tensor:
        """A picture of the size to draw."""
        return self._encode(opened(picture))

    def _check(self, picture: Picture) -> None:
        """Raises StageError for a reference that the model cannot look at."""
        check_pixels(picture, "reference", "references")
        try:
            self._pipeline.image_processor.check_image_input(opened(picture))
        except ValueError as error:
            raise StageError(f"a reference does not fit: {error}", "references") from None

    def _grid(self, picture: Picture) -> Grid:
        width, height = picture.width, picture.height
        if width * height > REFERENCE_PIXELS:
            width, height = self._shrunk(picture).size
        return Grid(height // self.unit, width // self.unit)

    def _shrunk(self, picture: Picture) -> Any:
        return self._pipeline.image_processor._resize_if_exceeds_area(opened(picture), REFERENCE_PIXELS)

    def _encode(self, image: Any) -> torch.Tensor:
        """Pillow's `image`, cropped to whole tokens."""
        vae, (width, height) = self._pipeline.vae, (side - side % self.unit for side in image.size)
        pixels = self._pipeline.image_processor.preprocess(image, height=height, width=width, resize_mode="crop")
        latents = self._pipeline._encode_vae_image(pixels.to(self._device, vae.dtype), None)
        packed: torch.Tensor = self._pipeline._pack_latents(latents)
        return packed

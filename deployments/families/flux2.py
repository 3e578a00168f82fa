"""FLUX.2: equal to diffusers' Flux2Pipeline (dev) and Flux2KleinPipeline (klein) for the same seed, with up to ten
pictures to edit from. dev embeds its guidance; klein is guided by an empty prompt, distilled checkpoints by none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, cast

import torch

from configs.errors import StageError
from configs.schema import ModelConfig
from deployments.families.assembly import assemble
from deployments.families.denoising import Begun, Row
from deployments.families.diffusion import Diffusion
from deployments.families.family import FusedLora
from deployments.families.pictures import check_pixels, check_unread, opened
from deployments.families.schedule import FlowSchedule, Schedule, check_flow, flow_schedule
from deployments.messages import GenerateRequest, Picture

PIPELINES = {"base": "Flux2Pipeline", "klein": "Flux2KleinPipeline", "klein-base": "Flux2KleinPipeline"}
MOST_REFERENCES = 10
REFERENCE_PIXELS = 1024 * 1024
_SPREAD = 10  # between the times at which references lie, as published


@dataclass(frozen=True, slots=True)
class Flux2Conditioning:
    """An encoded prompt: `tokens` [1, T, D], the states of three of the language model's layers side by side; of the
    empty prompt too where the model is guided by it."""

    tokens: torch.Tensor
    empty: torch.Tensor | None = None

    @property
    def nbytes(self) -> int:
        return self.tokens.nbytes + (0 if self.empty is None else self.empty.nbytes)


class Grid(NamedTuple):
    """The size of a picture in tokens."""

    height: int
    width: int


class Bucket(NamedTuple):
    """What the rows of a call share: the size of the picture, and those of the references behind it."""

    picture: Grid
    references: tuple[Grid, ...]

    @property
    def area(self) -> int:
        return self.picture.height * self.picture.width

    @property
    def tokens(self) -> int:
        return self.area + sum(grid.height * grid.width for grid in self.references)


class Flux2:
    """What is peculiar to this family (see `Architecture`)."""

    def __init__(self, pipeline: Any, config: ModelConfig) -> None:
        self.pipeline = pipeline
        self.denoiser = pipeline.transformer
        self._embeds_guidance = bool(self.denoiser.config.guidance_embeds)
        self._guidable = not self._embeds_guidance and not pipeline.config.get("is_distilled", False)
        self._text_length = config.text_length
        self._device = torch.device(pipeline._execution_device)
        self._positions = lru_cache(maxsize=64)(self._lay_out)

    def encode(self, prompt: str, negative_prompt: str) -> Flux2Conditioning:  # noqa: ARG002 - the empty one guides
        return Flux2Conditioning(self._read(prompt), self._read("") if self._guidable else None)

    def bucket(self, request: GenerateRequest) -> Bucket:
        unit = self._unit
        width, height = request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        for name, picture in (("image", request.image), ("mask", request.mask)):
            if picture is not None:
                raise StageError(
                    "this model draws over no pictures: give them as 'references' and say what to change", name
                )
        check_unread(request, "controls", "image_prompts")
        if len(request.references) > MOST_REFERENCES:
            count = len(request.references)
            raise StageError(f"at most {MOST_REFERENCES} references, and these are {count}", "references")
        grids = tuple(self._grid(picture) for picture in request.references)
        return Bucket(Grid(height // unit, width // unit), grids)

    def guided(self, request: GenerateRequest) -> bool:
        return self._guidable and request.guidance_scale > 1

    def size(self, bucket: Hashable) -> float:
        tokens = cast(Bucket, bucket).tokens + self._text_length
        # The work of the linears grows with the tokens, that of attention with their square.
        return float(tokens * (1 + tokens / (6 * self.denoiser.inner_dim)))

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:  # noqa: ARG002 - none yet
        return None

    def schedule(self, request: GenerateRequest, bucket: Hashable) -> FlowSchedule:
        steps, tokens = request.num_inference_steps, cast(Bucket, bucket).area
        return flow_schedule(self.pipeline.scheduler, steps, tokens, self._device, shift=_shift(tokens, steps))

    def begin(
        self,
        request: GenerateRequest,
        conditioning: Flux2Conditioning,
        schedule: Schedule,  # noqa: ARG002 - nothing is drawn over
        generator: torch.Generator,
    ) -> Begun:
        latents, _ = self.pipeline.prepare_latents(
            1,
            self.denoiser.config.in_channels // 4,
            request.height,
            request.width,
            conditioning.tokens.dtype,
            self._device,
            generator,
        )
        return Begun(latents, extra=self._look(request.references))

    def predict(self, rows: Sequence[Row[Flux2Conditioning]]) -> Sequence[torch.Tensor]:
        bucket = cast(Bucket, rows[0].state.bucket)
        latents = torch.cat([self._beside_references(row) for row in rows])
        text, picture = self._positions(bucket)
        timesteps = torch.stack([row.timestep for row in rows]).to(latents.dtype) / 1000
        guidance = None
        if self._embeds_guidance:
            guidance = torch.tensor([row.state.request.guidance_scale for row in rows], device=self._device)
        velocities: torch.Tensor = self.denoiser(
            hidden_states=latents.to(self.denoiser.dtype),
            timestep=timesteps,
            guidance=guidance,
            encoder_hidden_states=torch.cat([_prompt(row) for row in rows]),
            txt_ids=text,
            img_ids=picture,
            return_dict=False,
        )[0]
        return torch.split(velocities[:, : bucket.area], 1)

    def pixels(self, latents: torch.Tensor, request: GenerateRequest, shrink: float) -> torch.Tensor:
        vae, unit = self.pipeline.vae, self._unit
        grid = latents.permute(0, 2, 1).reshape(1, -1, request.height // unit, request.width // unit)
        mean = vae.bn.running_mean.view(1, -1, 1, 1).to(grid)
        deviation = torch.sqrt(vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps).to(grid)
        unpacked = self.pipeline._unpatchify_latents(grid * deviation + mean)
        if shrink < 1:
            unpacked = torch.nn.functional.interpolate(unpacked, scale_factor=shrink, mode="area")
        pixels: torch.Tensor = vae.decode(unpacked.to(vae.dtype), return_dict=False)[0][0]
        return pixels

    @property
    def _unit(self) -> int:
        """Pixels of a token's side."""
        return int(self.pipeline.vae_scale_factor) * 2

    def _read(self, prompt: str) -> torch.Tensor:
        tokens, _ = self.pipeline.encode_prompt(
            prompt=prompt, device=self._device, max_sequence_length=self._text_length
        )
        return cast(torch.Tensor, tokens)

    def _grid(self, picture: Picture) -> Grid:
        """How many tokens a reference takes. Raises StageError for one that the model cannot look at."""
        check_pixels(picture, "reference", "references")
        try:
            self.pipeline.image_processor.check_image_input(opened(picture))
        except ValueError as error:
            raise StageError(f"a reference does not fit: {error}", "references") from None
        width, height = picture.width, picture.height
        if width * height > REFERENCE_PIXELS:
            width, height = self._shrunk(picture).size
        return Grid(height // self._unit, width // self._unit)

    def _shrunk(self, picture: Picture) -> Any:
        return self.pipeline.image_processor._resize_if_exceeds_area(opened(picture), REFERENCE_PIXELS)

    def _look(self, references: Sequence[Picture]) -> torch.Tensor | None:
        """The references as latents [1, tokens, C], one behind the other."""
        if not references:
            return None
        processor, vae, packed = self.pipeline.image_processor, self.pipeline.vae, []
        for picture in references:
            grid, shrunk = self._grid(picture), self._shrunk(picture)
            pixels = processor.preprocess(
                shrunk, height=grid.height * self._unit, width=grid.width * self._unit, resize_mode="crop"
            )
            latents = self.pipeline._encode_vae_image(pixels.to(self._device, vae.dtype), None)
            packed.append(self.pipeline._pack_latents(latents))
        return torch.cat(packed, dim=1)

    def _beside_references(self, row: Row[Flux2Conditioning]) -> torch.Tensor:
        references = row.state.extra
        return row.latents if references is None else torch.cat((row.latents, references.to(row.latents)), dim=1)

    def _lay_out(self, bucket: Bucket) -> tuple[torch.Tensor, torch.Tensor]:
        """Time, row, column and place in the text of every token: of the text [T, 4], and of the pictures [S, 4]."""
        text = torch.zeros(self._text_length, 4, dtype=torch.int64)
        text[:, 3] = torch.arange(self._text_length)
        times = (0, *(_SPREAD * number for number in range(1, len(bucket.references) + 1)))
        pictures = [
            torch.cartesian_prod(
                torch.tensor([time]), torch.arange(grid.height), torch.arange(grid.width), torch.arange(1)
            )
            for time, grid in zip(times, (bucket.picture, *bucket.references), strict=True)
        ]
        return text.to(self._device), torch.cat(pictures).to(self._device)


def _prompt(row: Row[Flux2Conditioning]) -> torch.Tensor:
    conditioning = row.state.conditioning
    if not row.negative:
        return conditioning.tokens
    assert conditioning.empty is not None
    return conditioning.empty


def _shift(tokens: int, steps: int) -> float:
    """How far the schedule leans towards noise: the published fit over picture sizes and numbers of steps."""
    from diffusers.pipelines.flux2 import pipeline_flux2

    published: Any = pipeline_flux2
    return float(published.compute_empirical_mu(image_seq_len=tokens, num_steps=steps))


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Diffusion[Flux2Conditioning]:
    """Check the weights, build the pipeline, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    assembled = assemble(PIPELINES[config.variant], config, loras, words=("tokenizer",))
    check_flow(assembled.pipeline.scheduler, f"model '{config.id}'")
    return Diffusion(Flux2(assembled.pipeline, config), assembled.weights, config)

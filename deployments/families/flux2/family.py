"""FLUX.2: equal to diffusers' Flux2Pipeline (dev), Flux2KleinPipeline and Flux2KleinInpaintPipeline (klein) for the
same seed, with up to ten pictures to edit from. dev embeds its guidance; klein is guided by an empty prompt, distilled
checkpoints by none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import torch

from configs.errors import StageError
from configs.schema import ModelConfig
from deployments.families.assembly import assemble
from deployments.families.denoising import Begun, Row
from deployments.families.diffusion import Diffusion
from deployments.families.family import FusedLora
from deployments.families.flux2.layout import Bucket, Grid, lay_out
from deployments.families.flux2.looking import Looking
from deployments.families.pictures import Kept, check_unread, opened
from deployments.families.samplers import Samplers
from deployments.families.schedule import FlowSchedule, Schedule, check_flow, flow_schedule
from deployments.messages import GenerateRequest, Picture

PIPELINES = {"base": "Flux2Pipeline", "klein": "Flux2KleinPipeline", "klein-base": "Flux2KleinPipeline"}
_DRAWS_OVER = ("klein", "klein-base")


@dataclass(frozen=True, slots=True)
class Flux2Conditioning:
    """An encoded prompt: `tokens` [1, T, D], the states of three of the language model's layers side by side; of the
    empty prompt too where the model is guided by it."""

    tokens: torch.Tensor
    empty: torch.Tensor | None = None

    @property
    def nbytes(self) -> int:
        return self.tokens.nbytes + (0 if self.empty is None else self.empty.nbytes)


class Flux2:
    """What is peculiar to this family (see `Architecture`)."""

    def __init__(self, pipeline: Any, config: ModelConfig) -> None:
        self.pipeline = pipeline
        self.denoiser = pipeline.transformer
        self._embeds_guidance = bool(self.denoiser.config.guidance_embeds)
        self._guidable = not self._embeds_guidance and not pipeline.config.get("is_distilled", False)
        self._looking = Looking(pipeline)
        self._samplers = Samplers(pipeline.scheduler)
        self._masks = _masks(pipeline) if config.variant in _DRAWS_OVER else None
        self._text_length = config.text_length
        self._device = torch.device(pipeline._execution_device)
        self._positions = lru_cache(maxsize=64)(self._lay_out)

    def encode(self, prompt: str, negative_prompt: str) -> Flux2Conditioning:  # noqa: ARG002 - the empty one guides
        return Flux2Conditioning(self._read(prompt), self._read("") if self._guidable else None)

    def bucket(self, request: GenerateRequest) -> Bucket:
        unit = self._looking.unit
        width, height = request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        for name, picture in (("image", request.image), ("mask", request.mask)):
            if picture is not None and self._masks is None:
                raise StageError(
                    "this model draws over no pictures: give them as 'references' and say what to change", name
                )
        check_unread(request, "latents", "controls", "image_prompts")
        return Bucket(Grid(height // unit, width // unit), self._looking.grids(request))

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
        strength = 1.0 if request.image is None else request.strength
        scheduler = self._samplers.find(request)
        return flow_schedule(scheduler, steps, tokens, self._device, strength, shift=published_shift(tokens, steps))

    def begin(
        self,
        request: GenerateRequest,
        conditioning: Flux2Conditioning,
        schedule: Schedule,
        generator: torch.Generator,
    ) -> Begun:
        noise = self._noise(request, conditioning.tokens.dtype, generator)
        if request.image is None:
            return Begun(noise, extra=self._looking.look(request, None))
        clean = self._looking.read(request.image).to(noise)
        mask = None if request.mask is None else self._mask(request.mask).to(noise).expand_as(clean)
        kept = None if mask is None else Kept(clean, noise, mask)
        return Begun(schedule.mix(clean, noise, 0), kept, extra=self._looking.look(request, clean))

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
        vae, unit = self.pipeline.vae, self._looking.unit
        grid = latents.permute(0, 2, 1).reshape(1, -1, request.height // unit, request.width // unit)
        mean = vae.bn.running_mean.view(1, -1, 1, 1).to(grid)
        deviation = torch.sqrt(vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps).to(grid)
        unpacked = self.pipeline._unpatchify_latents(grid * deviation + mean)
        if shrink < 1:
            unpacked = torch.nn.functional.interpolate(unpacked, scale_factor=shrink, mode="area")
        pixels: torch.Tensor = vae.decode(unpacked.to(vae.dtype), return_dict=False)[0][0]
        return pixels

    def _noise(self, request: GenerateRequest, dtype: torch.dtype, generator: torch.Generator) -> torch.Tensor:
        channels, size = self.denoiser.config.in_channels // 4, (request.height, request.width)
        noise, _ = self.pipeline.prepare_latents(1, channels, *size, dtype, self._device, generator)
        return cast(torch.Tensor, noise)

    def _mask(self, mask: Picture) -> torch.Tensor:
        """[1, S, 1], 1 where the model draws, 0 where it keeps, and between where a token has some of both."""
        assert self._masks is not None
        marked = self._masks.preprocess(opened(mask), height=mask.height, width=mask.width)
        grid = mask.height // self._looking.unit, mask.width // self._looking.unit
        return torch.nn.functional.interpolate(marked, size=grid, mode="bilinear").flatten(2).transpose(1, 2)

    def _read(self, prompt: str) -> torch.Tensor:
        tokens, _ = self.pipeline.encode_prompt(
            prompt=prompt, device=self._device, max_sequence_length=self._text_length
        )
        return cast(torch.Tensor, tokens)

    def _beside_references(self, row: Row[Flux2Conditioning]) -> torch.Tensor:
        references = row.state.extra
        return row.latents if references is None else torch.cat((row.latents, references.to(row.latents)), dim=1)

    def _lay_out(self, bucket: Bucket) -> tuple[torch.Tensor, torch.Tensor]:
        text, pictures = lay_out(bucket, self._text_length)
        return text.to(self._device), pictures.to(self._device)


def _prompt(row: Row[Flux2Conditioning]) -> torch.Tensor:
    conditioning = row.state.conditioning
    if not row.negative:
        return conditioning.tokens
    assert conditioning.empty is not None
    return conditioning.empty


def _masks(pipeline: Any) -> Any:
    """What reads the masks of klein's inpainting."""
    import diffusers

    parts: Any = diffusers
    return parts.Flux2KleinInpaintPipeline(**pipeline.components).mask_processor


def published_shift(tokens: int, steps: int) -> float:
    """How far the schedule leans towards noise: the published fit over picture sizes and numbers of steps."""
    from diffusers.pipelines.flux2 import pipeline_flux2

    published: Any = pipeline_flux2
    return float(published.compute_empirical_mu(image_seq_len=tokens, num_steps=steps))


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Diffusion[Flux2Conditioning]:
    """Check the weights, build the pipeline, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    assembled = assemble(PIPELINES[config.variant], config, loras, words=("tokenizer",))
    check_flow(assembled.pipeline.scheduler, f"model '{config.id}'")
    return Diffusion(Flux2(assembled.pipeline, config), assembled.weights, config)

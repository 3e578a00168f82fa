"""The FLUX family: equal to `FluxPipeline`, `FluxImg2ImgPipeline` and `FluxInpaintPipeline` for the same seed.

Models with a guidance embedding read `guidance_scale` there and have no use for a negative prompt; the others get
classifier-free guidance when it is above 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, cast

import torch

from configs.errors import ConfigError, StageError
from configs.schema import ModelConfig
from deployments.families.assembly import assemble
from deployments.families.family import PREVIEW_SIDE, FusedLora, Work
from deployments.families.flux.canvas import Bucket, worthwhile_canvas
from deployments.families.flux.denoiser import FluxDenoiser
from deployments.families.flux.image import Pictures
from deployments.families.flux.state import FluxConditioning, FluxDenoising
from deployments.families.pictures import check_pictures, to_picture
from deployments.families.schedule import FlowSchedule, flow_schedule
from deployments.loras.keys import Anatomy
from deployments.loras.slots import Selection
from deployments.messages import GenerateRequest, Picture


class Flux:
    """A loaded FLUX pipeline (see `Family`)."""

    def __init__(self, pipeline: Any, weights: str, config: ModelConfig) -> None:
        self._pipeline = pipeline
        self._pictures = Pictures(pipeline)
        self._text_length = config.text_length
        self._embeds_guidance = bool(pipeline.transformer.config.guidance_embeds)
        self._device = torch.device(pipeline._execution_device)
        self.device = str(self._device)
        self.dtype = str(pipeline.transformer.dtype).removeprefix("torch.")
        self.weights = weights
        self._denoiser = FluxDenoiser(pipeline.transformer, self._device, config.lora_slots)
        self.slots = self._denoiser.slots
        self.anatomy = Anatomy.of(pipeline)

    @torch.inference_mode()
    def encode(self, prompt: str, negative_prompt: str) -> FluxConditioning:
        tokens, pooled, ids = self._encode(prompt)
        if self._embeds_guidance:
            return FluxConditioning(tokens, pooled, ids)
        negative_tokens, negative_pooled, _ = self._encode(negative_prompt)
        return FluxConditioning(tokens, pooled, ids, negative_tokens, negative_pooled)

    def work(self, request: GenerateRequest) -> Work:
        bucket = self._bucket(request)
        guided = not self._embeds_guidance and request.guidance_scale > 1
        check_pictures(request)
        return Work(bucket, 2 if guided else 1, self._schedule(request, bucket).steps)

    @torch.inference_mode()
    def start(
        self, request: GenerateRequest, conditioning: FluxConditioning, adapters: Selection = ()
    ) -> FluxDenoising:
        bucket = self._bucket(request)
        check_pictures(request)
        schedule = self._schedule(request, bucket)
        generator = torch.Generator("cpu").manual_seed(request.seed)
        if request.image is None:
            latents, kept = self._noise(request, generator, conditioning.tokens.dtype), None
        else:
            latents, kept = self._pictures.begin(request, schedule, generator, conditioning.tokens)
        return FluxDenoising(
            width=request.width,
            height=request.height,
            bucket=bucket,
            guidance_scale=request.guidance_scale,
            conditioning=conditioning,
            schedule=schedule,
            generator=generator,
            latents=latents,
            kept=kept,
            adapters=adapters,
            step_cache=request.step_cache,
        )

    def size(self, bucket: Hashable) -> float:
        return self._denoiser.size(cast(Bucket, bucket))

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:
        return worthwhile_canvas(cast("Sequence[Bucket]", buckets))

    @torch.inference_mode()
    def step(self, states: Sequence[FluxDenoising]) -> None:
        self._denoiser.step(states)

    @torch.inference_mode()
    def preview(self, state: FluxDenoising) -> Picture:
        if state.velocity is None:
            raise StageError("there is no preview before the first step")
        # The straight path from here to the picture, as the last velocity saw it. Shrinking the latents first makes
        # a preview of a large picture as cheap as one of a small picture.
        clean = self._unpack(state.latents - state.schedule.sigma(state.step) * state.velocity, state)
        factor = PREVIEW_SIDE / max(state.width, state.height)
        if factor < 1:
            clean = torch.nn.functional.interpolate(clean, scale_factor=factor, mode="area")
        return self._decode(clean)

    @torch.inference_mode()
    def decode(self, state: FluxDenoising) -> Picture:
        if not torch.isfinite(state.latents).all():
            raise StageError("the model lost the picture (not-a-number): try dtype float32 or another seed")
        picture = self._decode(self._unpack(state.latents, state))
        self._pipeline.maybe_free_model_hooks()
        return picture

    def _encode(self, prompt: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        tokens, pooled, ids = self._pipeline.encode_prompt(
            prompt=prompt, device=self._device, max_sequence_length=self._text_length
        )
        return tokens, pooled, ids

    def _bucket(self, request: GenerateRequest) -> Bucket:
        unit = self._pipeline.vae_scale_factor * 2
        width, height = request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        return Bucket(height // unit, width // unit, self._text_length)

    def _schedule(self, request: GenerateRequest, bucket: Bucket) -> FlowSchedule:
        strength = 1.0 if request.image is None else request.strength
        steps = request.num_inference_steps
        return flow_schedule(self._pipeline.scheduler, steps, bucket.area, self._device, strength)

    def _noise(self, request: GenerateRequest, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        channels = self._pipeline.transformer.config.in_channels // 4
        latents: torch.Tensor = self._pipeline.prepare_latents(
            1, channels, request.height, request.width, dtype, self._device, generator
        )[0]
        return latents

    def _unpack(self, latents: torch.Tensor, state: FluxDenoising) -> torch.Tensor:
        factor = self._pipeline.vae_scale_factor
        unpacked: torch.Tensor = self._pipeline._unpack_latents(latents, state.height, state.width, factor)
        return unpacked

    def _decode(self, latents: torch.Tensor) -> Picture:
        vae = self._pipeline.vae
        scaled = (latents / vae.config.scaling_factor + vae.config.shift_factor).to(vae.dtype)
        pixels = vae.decode(scaled, return_dict=False)[0][0]
        return to_picture(pixels)


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Flux:
    """Check the weights, build the pipeline, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    import diffusers

    assembled = assemble("FluxPipeline", config, loras)
    euler: Any = diffusers
    scheduler = assembled.pipeline.scheduler
    if not isinstance(scheduler, euler.FlowMatchEulerDiscreteScheduler):
        raise ConfigError(
            f"model '{config.id}': its scheduler is {type(scheduler).__name__}, which remembers earlier steps; "
            "this family steps with FlowMatchEulerDiscreteScheduler only."
        )
    return Flux(assembled.pipeline, assembled.weights, config)

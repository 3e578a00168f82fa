"""The FLUX family: equal to diffusers' FLUX pipelines for the same seed (which of them: see the README).

Models with a guidance embedding read `guidance_scale` there and have no use for a negative prompt; the others get
classifier-free guidance when it is above 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import cast

import torch

from configs.errors import StageError
from configs.schema import ModelConfig
from deployments.families.control import ControlNet, Followed
from deployments.families.family import PREVIEW_SIDE, FusedLora, Work
from deployments.families.flux.canvas import Bucket, worthwhile_canvas
from deployments.families.flux.control import reads_pixels
from deployments.families.flux.denoiser import FluxDenoiser
from deployments.families.flux.image_prompt import check_image_prompts
from deployments.families.flux.loading import Parts, load_parts
from deployments.families.flux.state import FluxConditioning, FluxDenoising, Prompt
from deployments.families.neighbours import check_variations, vary
from deployments.families.pictures import check_unread, to_picture
from deployments.families.samplers import Samplers
from deployments.families.schedule import FlowSchedule, flow_schedule
from deployments.loras.keys import Anatomy
from deployments.loras.slots import Selection
from deployments.messages import GenerateRequest, Picture


class Flux:
    """A loaded FLUX pipeline (see `Family`)."""

    def __init__(self, parts: Parts, config: ModelConfig) -> None:
        self._parts = parts
        self._pipeline, transformer = parts.pipeline, parts.pipeline.transformer
        self._samplers = Samplers(self._pipeline.scheduler)
        self._text_length = config.text_length
        self._reads_negative = parts.beginning.negative and not transformer.config.guidance_embeds
        self._device = torch.device(parts.pipeline._execution_device)
        self.device = str(self._device)
        self.dtype = str(transformer.dtype).removeprefix("torch.")
        self.weights = parts.weights
        nets = {net.kind: net for net in parts.controls.nets}
        self._denoiser = FluxDenoiser(
            transformer, self._device, config.lora_slots, nets, skips=config.runtime.offload == "none"
        )
        self.slots = self._denoiser.slots
        self.anatomy = Anatomy.of(parts.pipeline)

    @torch.inference_mode()
    def encode(self, prompt: str, negative_prompt: str) -> FluxConditioning:
        return FluxConditioning(self._encode(prompt), self._encode(negative_prompt) if self._reads_negative else None)

    def work(self, request: GenerateRequest) -> Work:
        self._check(request)
        bucket = self._bucket(request)
        guided = self._reads_negative and request.guidance_scale > 1
        return Work(bucket, 2 if guided else 1, self._schedule(request, bucket).steps)

    @torch.inference_mode()
    def start(
        self, request: GenerateRequest, conditioning: FluxConditioning, adapters: Selection = ()
    ) -> FluxDenoising:
        self._check(request)
        bucket, like = self._bucket(request), conditioning.prompt.tokens
        schedule = self._schedule(request, bucket)
        generator = torch.Generator("cpu").manual_seed(request.seed)
        controls = self._follow(request, generator, like)
        begun = self._parts.beginning.begin(request, schedule, generator, like)

        def begin(other: torch.Generator) -> torch.Tensor:
            if request.controls:
                self._follow(request, other, like)  # which draws the numbers before the noise
            return self._parts.beginning.begin(request, schedule, other, like).latents

        return FluxDenoising(
            width=request.width,
            height=request.height,
            bucket=bucket,
            guidance_scale=request.guidance_scale,
            conditioning=self._show(request, conditioning),
            schedule=schedule,
            generator=generator,
            latents=vary(request, begun.latents, begin),
            kept=begun.kept,
            beside=begun.beside,
            reference=begun.reference,
            controls=controls,
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
        # The straight path from here to the picture, as the last velocity saw it.
        clean = state.latents - state.schedule.sigma(state.step) * state.velocity
        shrink = PREVIEW_SIDE / max(state.width, state.height)
        return to_picture(self._parts.latents.decode(clean, state.width, state.height, shrink))

    @torch.inference_mode()
    def decode(self, state: FluxDenoising) -> Picture:
        if not torch.isfinite(state.latents).all():
            raise StageError("the model lost the picture (not-a-number): try dtype float32 or another seed")
        picture = to_picture(self._parts.latents.decode(state.latents, state.width, state.height))
        self._pipeline.maybe_free_model_hooks()
        return picture

    def _encode(self, prompt: str) -> Prompt:
        tokens, pooled, _ = self._pipeline.encode_prompt(
            prompt=prompt, device=self._device, max_sequence_length=self._text_length
        )
        return Prompt(tokens, pooled)

    def _check(self, request: GenerateRequest) -> None:
        """Raises StageError for pictures that the model has no use for, or that are not as they must be."""
        check_unread(request, "latents", *(() if self._parts.redux else ("image_prompts",)))
        check_image_prompts(request)
        check_variations(request)
        self._parts.controls.check(request)
        self._parts.beginning.check(request)

    def _follow(self, request: GenerateRequest, generator: torch.Generator, like: torch.Tensor) -> tuple[Followed, ...]:
        latents = self._parts.latents

        def read(net: ControlNet, picture: Picture) -> torch.Tensor:
            pixels = latents.pixels(picture).to(like)
            return pixels if reads_pixels(net) else latents.pack(latents.encode(pixels, generator))

        return self._parts.controls.follow(request, read)

    def _show(self, request: GenerateRequest, conditioning: FluxConditioning) -> FluxConditioning:
        """`conditioning` with the request's image prompts, beside which the negative prompt stays words alone."""
        if self._parts.redux is None or not request.image_prompts:
            return conditioning
        return replace(conditioning, prompt=self._parts.redux.show(conditioning.prompt, request.image_prompts))

    def _bucket(self, request: GenerateRequest) -> Bucket:
        unit = self._parts.latents.unit
        width, height = request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        shown = 0 if self._parts.redux is None or not request.image_prompts else self._parts.redux.tokens
        return Bucket(
            height=height // unit,
            width=width // unit,
            text=self._text_length + shown,
            reference=self._parts.beginning.reference(request),
            controls=len(request.controls),
        )

    def _schedule(self, request: GenerateRequest, bucket: Bucket) -> FlowSchedule:
        strength = 1.0 if request.image is None else request.strength
        scheduler, steps = self._samplers.find(request), request.num_inference_steps
        return flow_schedule(scheduler, steps, bucket.area, self._device, strength)


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Flux:
    """Check the weights, build the pipeline, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    return Flux(load_parts(config, loras), config)

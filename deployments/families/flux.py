"""FLUX.1 and every model of its architecture, mini included: diffusers' `FluxPipeline`, taken one step at a time.

Equal to `FluxPipeline.__call__` for the same seed. Models with a guidance embedding read `guidance_scale` there and
have no use for a negative prompt; the others get classifier-free guidance when it is above 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from configs.errors import StageError
from configs.schema import ModelConfig
from deployments.families.assembly import assemble
from deployments.families.family import PREVIEW_SIDE, FusedLora
from deployments.families.schedule import flow_schedule
from deployments.messages import GenerateRequest, Picture


@dataclass(frozen=True, slots=True)
class FluxConditioning:
    """An encoded prompt: `tokens` [1, T, D] from T5, `pooled` [1, P] from CLIP, `ids` [T, 3]; the same of the
    negative prompt for a model without a guidance embedding."""

    tokens: torch.Tensor
    pooled: torch.Tensor
    ids: torch.Tensor
    negative_tokens: torch.Tensor | None = None
    negative_pooled: torch.Tensor | None = None


@dataclass(slots=True)
class FluxDenoising:
    """A request on its way. `latents` [1, S, C] packed two by two; `velocity` is the last prediction, same shape."""

    width: int
    height: int
    guidance_scale: float
    conditioning: FluxConditioning
    latents: torch.Tensor
    ids: torch.Tensor
    scheduler: Any
    generator: torch.Generator
    velocity: torch.Tensor | None = None
    step: int = 0

    @property
    def steps(self) -> int:
        return len(self.scheduler.timesteps)

    @property
    def guided(self) -> bool:
        """Whether a step costs two rows: with the prompt and with the negative prompt."""
        return self.conditioning.negative_tokens is not None and self.guidance_scale > 1

    @property
    def bucket(self) -> Hashable:
        return self.width, self.height, self.conditioning.tokens.shape[1]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the transformer's batch."""

    state: FluxDenoising
    tokens: torch.Tensor
    pooled: torch.Tensor


class Flux:
    """A loaded FLUX pipeline (see `Family`)."""

    def __init__(self, pipeline: Any, text_length: int, weights: str) -> None:
        self._pipeline = pipeline
        self._text_length = text_length
        self._embeds_guidance = bool(pipeline.transformer.config.guidance_embeds)
        self._device = torch.device(pipeline._execution_device)
        self.device = str(self._device)
        self.dtype = str(pipeline.transformer.dtype).removeprefix("torch.")
        self.weights = weights

    @torch.inference_mode()
    def encode(self, prompt: str, negative_prompt: str) -> FluxConditioning:
        tokens, pooled, ids = self._encode(prompt)
        if self._embeds_guidance:
            return FluxConditioning(tokens, pooled, ids)
        negative_tokens, negative_pooled, _ = self._encode(negative_prompt)
        return FluxConditioning(tokens, pooled, ids, negative_tokens, negative_pooled)

    @torch.inference_mode()
    def start(self, request: GenerateRequest, conditioning: FluxConditioning) -> FluxDenoising:
        self._check_size(request.width, request.height)
        generator = torch.Generator("cpu").manual_seed(request.seed)
        latents, ids = self._pipeline.prepare_latents(
            1,
            self._pipeline.transformer.config.in_channels // 4,
            request.height,
            request.width,
            conditioning.tokens.dtype,
            self._device,
            generator,
        )
        return FluxDenoising(
            width=request.width,
            height=request.height,
            guidance_scale=request.guidance_scale,
            conditioning=conditioning,
            latents=latents,
            ids=ids,
            scheduler=flow_schedule(
                self._pipeline.scheduler, request.num_inference_steps, latents.shape[1], self._device
            ),
            generator=generator,
        )

    @torch.inference_mode()
    def step(self, states: Sequence[FluxDenoising]) -> None:
        rows = [row for state in states for row in _rows(state)]
        velocities = iter(self._predict(rows).unbind())
        for state in states:
            velocity = next(velocities)[None]
            if state.guided:
                negative = next(velocities)[None]
                velocity = negative + state.guidance_scale * (velocity - negative)
            timestep = state.scheduler.timesteps[state.step]
            state.latents = state.scheduler.step(
                velocity, timestep, state.latents, generator=state.generator, return_dict=False
            )[0]
            state.velocity = velocity
            state.step += 1
        if self._device.type == "cuda":
            # Otherwise the CPU runs ahead of the GPU, and progress and cancellation are about steps not yet taken.
            torch.cuda.synchronize(self._device)

    @torch.inference_mode()
    def preview(self, state: FluxDenoising) -> Picture:
        if state.velocity is None:
            raise StageError("there is no preview before the first step")
        # The straight path from here to the picture, as the last velocity saw it. Shrinking the latents first makes
        # a preview of a large picture as cheap as one of a small picture.
        clean = self._unpack(state.latents - state.scheduler.sigmas[state.step] * state.velocity, state)
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

    def _check_size(self, width: int, height: int) -> None:
        unit = self._pipeline.vae_scale_factor * 2
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")

    def _predict(self, rows: Sequence[_Row]) -> torch.Tensor:
        states = [row.state for row in rows]
        latents = torch.cat([state.latents for state in states])
        timesteps = torch.stack([state.scheduler.timesteps[state.step] for state in states])
        guidance = None
        if self._embeds_guidance:
            scales = [state.guidance_scale for state in states]
            guidance = torch.tensor(scales, device=self._device, dtype=torch.float32)
        velocity: torch.Tensor = self._pipeline.transformer(
            hidden_states=latents,
            timestep=timesteps.to(latents.dtype) / 1000,
            guidance=guidance,
            pooled_projections=torch.cat([row.pooled for row in rows]),
            encoder_hidden_states=torch.cat([row.tokens for row in rows]),
            txt_ids=states[0].conditioning.ids,
            img_ids=states[0].ids,
            return_dict=False,
        )[0]
        return velocity

    def _unpack(self, latents: torch.Tensor, state: FluxDenoising) -> torch.Tensor:
        factor = self._pipeline.vae_scale_factor
        unpacked: torch.Tensor = self._pipeline._unpack_latents(latents, state.height, state.width, factor)
        return unpacked

    def _decode(self, latents: torch.Tensor) -> Picture:
        vae = self._pipeline.vae
        scaled = (latents / vae.config.scaling_factor + vae.config.shift_factor).to(vae.dtype)
        pixels = vae.decode(scaled, return_dict=False)[0][0]
        levels = (pixels.float() / 2 + 0.5).clamp(0, 1) * 255
        rgb = levels.round().to(torch.uint8).permute(1, 2, 0).cpu().contiguous()
        return Picture(width=rgb.shape[1], height=rgb.shape[0], rgb=rgb.numpy().tobytes())


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Flux:
    """Check the weights, build the pipeline, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    assembled = assemble("FluxPipeline", config, loras)
    return Flux(assembled.pipeline, config.text_length, assembled.weights)


def _rows(state: FluxDenoising) -> list[_Row]:
    conditioning = state.conditioning
    rows = [_Row(state, conditioning.tokens, conditioning.pooled)]
    if state.guided:
        assert conditioning.negative_tokens is not None
        assert conditioning.negative_pooled is not None
        rows.append(_Row(state, conditioning.negative_tokens, conditioning.negative_pooled))
    return rows

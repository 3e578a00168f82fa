"""FLUX.1 and mini for the LoRA trainer: latents in two by two, T5 and CLIP, guidance told where it is embedded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.families.assembly import Assembled, assemble
from deployments.families.flux.canvas import Bucket, picture_ids, text_ids
from deployments.families.flux.latents import Latents
from deployments.families.flux.passes import Batch, whole
from deployments.families.schedule import check_flow, token_shift
from deployments.families.straight_path import StraightPath
from deployments.families.trained_pipeline import undistilling
from deployments.families.training import Conditions, Manner

TARGETS = {
    "all": r"(single_)?transformer_blocks\.\d+\.(attn\.\w+|attn\.to_out\.0|ff\.net\.\d+(\.proj)?"
    r"|ff_context\.net\.\d+(\.proj)?|proj_mlp|proj_out)",
    "attention": r"(single_)?transformer_blocks\.\d+\.attn\.(\w+|to_out\.0)",
}


class FluxTraining(StraightPath):
    """A FLUX.1 transformer to be trained on (see `Trainable`). Conditions: `tokens` [1, T, D], `pooled` [1, P]."""

    targets = TARGETS

    def __init__(self, assembled: Assembled, config: ModelConfig) -> None:
        self.pipeline: Any = assembled.pipeline
        self.pipeline.set_progress_bar_config(disable=True)
        self.denoiser: Any = self.pipeline.transformer
        self.device = torch.device(self.pipeline._execution_device)
        self.weights = self.encoder = assembled.weights
        self.embeds_guidance = bool(self.denoiser.config.guidance_embeds)
        self._latents = Latents(self.pipeline)
        self.manner = Manner.of(config)
        self._text_length = config.text_length
        self.unit = self._latents.unit

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return [self._encode(caption) for caption in captions]

    @torch.no_grad()
    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        vae = self.pipeline.vae
        generator = torch.Generator(self.device).manual_seed(0)
        return self._latents.encode(pixels.to(self.device, vae.dtype), generator).float()

    def release_encoders(self) -> None:
        if self.device.type == "cuda":
            for name in ("text_encoder", "text_encoder_2"):
                getattr(self.pipeline, name).to("cpu")
            torch.cuda.empty_cache()

    def shift(self, latents: torch.Tensor) -> float:
        scheduler = self.pipeline.scheduler
        if not scheduler.config.use_dynamic_shifting:
            return float(scheduler.config.shift)
        return math.exp(token_shift(scheduler.config, latents.shape[-1] * latents.shape[-2] // 4))

    def predict(
        self, noisy: torch.Tensor, s: torch.Tensor, conditions: Sequence[Conditions], guidance: torch.Tensor | None
    ) -> torch.Tensor:
        dtype, (_, _, height, width) = self.denoiser.dtype, noisy.shape
        tokens = torch.cat([one["tokens"] for one in conditions]).to(self.device, dtype)
        batch = Batch(
            latents=self._latents.pack(noisy.to(dtype)),
            tokens=tokens,
            pooled=torch.cat([one["pooled"] for one in conditions]).to(self.device, dtype),
            timesteps=s.to(self.device, dtype),
            guidance=guidance if self.embeds_guidance else None,
            text_ids=text_ids(tokens.shape[1], self.device, dtype),
            picture_ids=picture_ids(Bucket(height // 2, width // 2, tokens.shape[1]), self.device, dtype),
            visible=None,
        )
        return _unpack(whole(self.denoiser, batch), height, width).float()

    @torch.no_grad()
    def draw(self, conditions: Conditions, negative: Conditions, manner: Manner, seed: int) -> Image.Image:
        told = _told(conditions) | ({} if self.embeds_guidance else _told(negative, "negative_"))
        drawn = self.pipeline(
            **{name: value.to(self.device, self.denoiser.dtype) for name, value in told.items()},
            width=manner.size.width,
            height=manner.size.height,
            num_inference_steps=manner.steps,
            guidance_scale=manner.guidance,
            true_cfg_scale=1.0 if self.embeds_guidance else manner.guidance,
            generator=torch.Generator("cpu").manual_seed(seed),
        )
        picture: Image.Image = drawn.images[0]
        return picture

    def _encode(self, caption: str) -> Conditions:
        tokens, pooled, _ = self.pipeline.encode_prompt(
            prompt=caption, prompt_2=None, device=self.device, max_sequence_length=self._text_length
        )
        return {"tokens": tokens, "pooled": pooled}


def load_trainable(config: ModelConfig) -> FluxTraining:
    """Check the weights, build the pipeline. Raises ConfigError with one plain sentence."""
    owner = f"model '{config.id}'"
    if config.variant not in ("base", "schnell"):
        raise ConfigError(f"{owner}: a FLUX model of the variant '{config.variant}' is not trained on", "variant")
    assembled = assemble("FluxPipeline", config, undistilling(config))
    check_flow(assembled.pipeline.scheduler, owner)
    return FluxTraining(assembled, config)


def _told(conditions: Conditions, prefix: str = "") -> dict[str, torch.Tensor]:
    return {f"{prefix}prompt_embeds": conditions["tokens"], f"{prefix}pooled_prompt_embeds": conditions["pooled"]}


def _unpack(packed: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Packed two by two [B, S, 4 C] -> [B, C, height, width]."""
    grid = packed.view(len(packed), height // 2, width // 2, -1, 2, 2)
    return grid.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)

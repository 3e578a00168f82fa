"""FLUX.2 for the LoRA trainer: tokens of two by two latents, made even by the autoencoder's own statistics. dev is told
its guidance; [klein] base is not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.families.assembly import Assembled, assemble
from deployments.families.flux2.family import PIPELINES, published_shift
from deployments.families.flux2.layout import Bucket, Grid, lay_out
from deployments.families.schedule import check_flow, usual_shift
from deployments.families.straight_path import StraightPath
from deployments.families.trained_pipeline import TrainedPipeline, undistilling
from deployments.families.training import Conditions

TARGETS = {
    # The single blocks keep query, key, value and the first half of their feed-forward in one linear.
    "all": r"(single_)?transformer_blocks\.\d+\.(attn\.(\w+|to_out\.0)|ff(_context)?\.linear_(in|out))",
    "attention": r"(single_)?transformer_blocks\.\d+\.attn\.(\w+|to_out\.0)",
}


class Flux2Training(TrainedPipeline, StraightPath):
    """A FLUX.2 transformer to be trained on (see `Trainable`). Conditions: `tokens` [1, T, D]."""

    targets = TARGETS

    def __init__(self, assembled: Assembled, config: ModelConfig) -> None:
        super().__init__(assembled, config)
        self.embeds_guidance = bool(self.denoiser.config.guidance_embeds)
        self.unit = int(self.pipeline.vae_scale_factor) * 2

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return [{"tokens": self._read(caption)} for caption in captions]

    @torch.no_grad()
    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        vae = self.pipeline.vae
        latents: torch.Tensor = self.pipeline._encode_vae_image(pixels.to(self.device, vae.dtype), None)
        return latents.float()

    def shift(self, latents: torch.Tensor) -> float:
        scheduler, tokens = self.pipeline.scheduler, latents.shape[-2] * latents.shape[-1]
        if not scheduler.config.use_dynamic_shifting:
            return usual_shift(scheduler, tokens)
        return math.exp(published_shift(tokens, self.manner.steps))

    def predict(
        self, noisy: torch.Tensor, s: torch.Tensor, conditions: Sequence[Conditions], guidance: torch.Tensor | None
    ) -> torch.Tensor:
        tokens = self.gather(conditions, "tokens")
        text, picture = lay_out(Bucket(Grid(*noisy.shape[-2:]), ()), tokens.shape[1])
        velocity: torch.Tensor = self.denoiser(
            hidden_states=self.place(noisy).flatten(2).transpose(1, 2),
            timestep=self.place(s),
            guidance=guidance if self.embeds_guidance else None,
            encoder_hidden_states=tokens,
            txt_ids=text.to(self.device),
            img_ids=picture.to(self.device),
            return_dict=False,
        )[0]
        return velocity.transpose(1, 2).reshape(noisy.shape).float()

    def told(self, conditions: Conditions, negative: Conditions) -> Mapping[str, Any]:
        told = {"prompt_embeds": self.place(conditions["tokens"])}
        return told if self.embeds_guidance else told | {"negative_prompt_embeds": self.place(negative["tokens"])}

    def _read(self, caption: str) -> torch.Tensor:
        tokens: torch.Tensor = self.pipeline.encode_prompt(
            prompt=caption, device=self.device, max_sequence_length=self.text_length
        )[0]
        return tokens


def load_trainable(config: ModelConfig) -> Flux2Training:
    """Check the weights, build the pipeline. Raises ConfigError with one plain sentence."""
    owner = f"model '{config.id}'"
    if config.variant not in PIPELINES:
        raise ConfigError(f"{owner}: FLUX.2 has no '{config.variant}'; known: {', '.join(PIPELINES)}", "variant")
    assembled = assemble(PIPELINES[config.variant], config, undistilling(config), words=("tokenizer",))
    check_flow(assembled.pipeline.scheduler, owner)
    return Flux2Training(assembled, config)

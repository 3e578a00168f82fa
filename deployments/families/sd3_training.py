"""Stable Diffusion 3.5 and 3 for the LoRA trainer: latents as they are, two CLIPs and T5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from configs.schema import ModelConfig
from deployments.families.assembly import Assembled, assemble
from deployments.families.schedule import check_flow, usual_shift
from deployments.families.straight_path import StraightPath
from deployments.families.trained_pipeline import TrainedPipeline, encode_middle, undistilling
from deployments.families.training import Conditions

TARGETS = {
    "all": r"transformer_blocks\.\d+\.(attn2?\.(\w+|to_out\.0)|ff(_context)?\.net\.(0\.proj|2))",
    "attention": r"transformer_blocks\.\d+\.attn2?\.(\w+|to_out\.0)",
}


class Sd3Training(TrainedPipeline, StraightPath):
    """Its transformer to be trained on (see `Trainable`). Conditions: `tokens` [1, T, D], `pooled` [1, P]."""

    targets = TARGETS

    def __init__(self, assembled: Assembled, config: ModelConfig) -> None:
        super().__init__(assembled, config)
        self.unit = int(self.pipeline.vae_scale_factor) * int(self.pipeline.patch_size)

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return [self._read(caption) for caption in captions]

    @torch.no_grad()
    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        return encode_middle(self.pipeline.vae, pixels.to(self.device))

    def shift(self, latents: torch.Tensor) -> float:
        patch = int(self.pipeline.patch_size)
        return usual_shift(self.pipeline.scheduler, latents.shape[-2] * latents.shape[-1] // patch**2)

    def predict(
        self,
        noisy: torch.Tensor,
        s: torch.Tensor,
        conditions: Sequence[Conditions],
        guidance: torch.Tensor | None,  # noqa: ARG002 - it is told none
    ) -> torch.Tensor:
        velocity: torch.Tensor = self.denoiser(
            hidden_states=self.place(noisy),
            timestep=s.to(self.device) * 1000,
            encoder_hidden_states=self.gather(conditions, "tokens"),
            pooled_projections=self.gather(conditions, "pooled"),
            return_dict=False,
        )[0]
        return velocity.float()

    def told(self, conditions: Conditions, negative: Conditions) -> Mapping[str, Any]:
        return {
            "prompt_embeds": self.place(conditions["tokens"]),
            "pooled_prompt_embeds": self.place(conditions["pooled"]),
            "negative_prompt_embeds": self.place(negative["tokens"]),
            "negative_pooled_prompt_embeds": self.place(negative["pooled"]),
        }

    def _read(self, caption: str) -> Conditions:
        tokens, _, pooled, _ = self.pipeline.encode_prompt(
            prompt=caption,
            prompt_2=None,
            prompt_3=None,
            do_classifier_free_guidance=False,
            device=self.device,
            max_sequence_length=self.text_length,
        )
        return {"tokens": tokens, "pooled": pooled}


def load_trainable(config: ModelConfig) -> Sd3Training:
    """Check the weights, build the pipeline. Raises ConfigError with one plain sentence."""
    assembled = assemble("StableDiffusion3Pipeline", config, undistilling(config))
    check_flow(assembled.pipeline.scheduler, f"model '{config.id}'")
    return Sd3Training(assembled, config)

"""Qwen-Image for the LoRA trainer: latents of an autoencoder of films, made even channel by channel, in two by two;
prompts of any length, told by a mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from configs.schema import ModelConfig
from deployments.families.assembly import Assembled, assemble
from deployments.families.schedule import check_flow, usual_shift
from deployments.families.straight_path import StraightPath
from deployments.families.trained_pipeline import TrainedPipeline, undistilling
from deployments.families.training import Conditions

TARGETS = {
    "all": r"transformer_blocks\.\d+\.(attn\.(\w+|to_out\.0)|(img|txt)_mlp\.net\.(0\.proj|2))",
    "attention": r"transformer_blocks\.\d+\.attn\.(\w+|to_out\.0)",
}


class QwenImageTraining(TrainedPipeline, StraightPath):
    """Its transformer to be trained on (see `Trainable`). Conditions: `tokens` [1, T, D], of as many as there are."""

    targets = TARGETS
    guidance_name = "true_cfg_scale"

    def __init__(self, assembled: Assembled, config: ModelConfig) -> None:
        super().__init__(assembled, config)
        self.unit = int(self.pipeline.vae_scale_factor) * 2

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return [{"tokens": self._read(caption)} for caption in captions]

    @torch.no_grad()
    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        vae = self.pipeline.vae
        film = vae.encode(pixels.to(self.device, vae.dtype)[:, :, None]).latent_dist.mode()
        mean, deviation = (
            torch.tensor(each).view(1, -1, 1, 1, 1).to(film)
            for each in (vae.config.latents_mean, vae.config.latents_std)
        )
        even: torch.Tensor = ((film - mean) / deviation)[:, :, 0]
        return even.float()

    def shift(self, latents: torch.Tensor) -> float:
        return usual_shift(self.pipeline.scheduler, latents.shape[-2] * latents.shape[-1] // 4)

    def predict(
        self,
        noisy: torch.Tensor,
        s: torch.Tensor,
        conditions: Sequence[Conditions],
        guidance: torch.Tensor | None,  # noqa: ARG002 - it is told none
    ) -> torch.Tensor:
        count, channels, height, width = noisy.shape
        prompts = [self.place(each["tokens"])[0] for each in conditions]
        lengths = torch.tensor([len(each) for each in prompts], device=self.device)
        seen = torch.arange(int(lengths.max()), device=self.device)[None] < lengths[:, None]
        packed = self.pipeline._pack_latents(self.place(noisy)[:, None], count, channels, height, width)
        velocity = self.denoiser(
            hidden_states=packed,
            timestep=self.place(s),
            encoder_hidden_states=pad_sequence(prompts, batch_first=True),
            encoder_hidden_states_mask=None if seen.all() else seen.long(),
            img_shapes=[[(1, height // 2, width // 2)]] * count,
            return_dict=False,
        )[0]
        factor = int(self.pipeline.vae_scale_factor)
        unpacked: torch.Tensor = self.pipeline._unpack_latents(velocity, height * factor, width * factor, factor)
        return unpacked[:, :, 0].float()

    def told(self, conditions: Conditions, negative: Conditions) -> Mapping[str, Any]:
        return {
            "prompt_embeds": self.place(conditions["tokens"]),
            "negative_prompt_embeds": self.place(negative["tokens"]),
            "prompt_embeds_mask": _all(conditions["tokens"]).to(self.device),
            "negative_prompt_embeds_mask": _all(negative["tokens"]).to(self.device),
        }

    def _read(self, caption: str) -> torch.Tensor:
        tokens: torch.Tensor = self.pipeline.encode_prompt(
            prompt=caption, device=self.device, max_sequence_length=self.text_length
        )[0]
        return tokens


def _all(tokens: torch.Tensor) -> torch.Tensor:
    return torch.ones(tokens.shape[:2], dtype=torch.long)


def load_trainable(config: ModelConfig) -> QwenImageTraining:
    """Check the weights, build the pipeline. Raises ConfigError with one plain sentence."""
    assembled = assemble("QwenImagePipeline", config, undistilling(config))
    check_flow(assembled.pipeline.scheduler, f"model '{config.id}'")
    return QwenImageTraining(assembled, config)

"""Z-Image for the LoRA trainer: pictures and prompts in lists, and a denoiser that is told how much of the picture is
there and says where it is."""

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
    # Not those of the refiners, which read the picture alone, or the prompt alone.
    "all": r"layers\.\d+\.(attention\.to_(q|k|v|out\.0)|feed_forward\.w[123])",
    "attention": r"layers\.\d+\.attention\.to_(q|k|v|out\.0)",
}


class ZImageTraining(TrainedPipeline, StraightPath):
    """Its transformer to be trained on (see `Trainable`). Conditions: `tokens` [1, T, D], of as many as there are."""

    targets = TARGETS

    def __init__(self, assembled: Assembled, config: ModelConfig) -> None:
        super().__init__(assembled, config)
        self.unit = int(self.pipeline.vae_scale_factor) * 2

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return [{"tokens": self._read(caption)} for caption in captions]

    @torch.no_grad()
    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        return encode_middle(self.pipeline.vae, pixels.to(self.device))

    def shift(self, latents: torch.Tensor) -> float:
        return usual_shift(self.pipeline.scheduler, latents.shape[-2] * latents.shape[-1] // 4)

    def predict(
        self,
        noisy: torch.Tensor,
        s: torch.Tensor,
        conditions: Sequence[Conditions],
        guidance: torch.Tensor | None,  # noqa: ARG002 - it is told none
    ) -> torch.Tensor:
        towards_picture: Sequence[torch.Tensor] = self.denoiser(
            list(self.place(noisy)[:, :, None]),
            1 - s.to(self.device),
            [self.place(each["tokens"])[0] for each in conditions],
            return_dict=False,
        )[0]
        return -torch.stack([each[:, 0].float() for each in towards_picture])

    def told(self, conditions: Conditions, negative: Conditions) -> Mapping[str, Any]:
        return {
            "prompt": None,
            "prompt_embeds": [self.place(conditions["tokens"])[0]],
            "negative_prompt_embeds": [self.place(negative["tokens"])[0]],
        }

    def _read(self, caption: str) -> torch.Tensor:
        tokens: Sequence[torch.Tensor] = self.pipeline.encode_prompt(
            prompt=caption,
            do_classifier_free_guidance=False,
            device=self.device,
            max_sequence_length=self.text_length,
        )[0]
        return tokens[0][None]


def load_trainable(config: ModelConfig) -> ZImageTraining:
    """Check the weights, build the pipeline. Raises ConfigError with one plain sentence."""
    assembled = assemble("ZImagePipeline", config, undistilling(config))
    check_flow(assembled.pipeline.scheduler, f"model '{config.id}'")
    return ZImageTraining(assembled, config)

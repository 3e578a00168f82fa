"""HiDream-I1 for the LoRA trainer: four text encoders, and a denoiser that says where the picture is, not the noise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image

from configs.errors import StageError
from configs.schema import ModelConfig
from deployments.families.assembly import Assembled, assemble
from deployments.families.hidream import check_parts
from deployments.families.schedule import usual_shift
from deployments.families.straight_path import StraightPath
from deployments.families.trained_pipeline import TrainedPipeline, encode_middle, undistilling
from deployments.families.training import Conditions, Manner

_BLOCKS = r"(double|single)_stream_blocks\.\d+\.block"
TARGETS = {
    # Experts and what chooses among them are left as they are: each learns from some tokens only.
    "all": _BLOCKS + r"\.(attn1\.to_(q|k|v|out)(_t)?|ff_t\.w[123]|ff_i\.shared_experts\.w[123])",
    "attention": _BLOCKS + r"\.attn1\.to_(q|k|v|out)(_t)?",
}


class HiDreamTraining(TrainedPipeline, StraightPath):
    """Its transformer to be trained on (see `Trainable`). Conditions: `pooled` [1, P], `t5` [1, T, D], and `llama`
    [1, L, T, E], of whose layers each block reads one."""

    targets = TARGETS

    def __init__(self, assembled: Assembled, config: ModelConfig) -> None:
        super().__init__(assembled, config)
        self._most = int(self.denoiser.max_seq)
        self.unit = int(self.pipeline.vae_scale_factor) * int(self.denoiser.config.patch_size)
        _let_gradients_through(self.denoiser)

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return [self._read(caption) for caption in captions]

    @torch.no_grad()
    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        if pixels.shape[-2] * pixels.shape[-1] > self._most * self.unit**2:
            size = f"{pixels.shape[-1]}x{pixels.shape[-2]}"
            message = f"this model learns from up to {self._most * self.unit**2} pixels in all, and {size} has more"
            raise StageError(f"{message}: lower 'size'", "size")
        return encode_middle(self.pipeline.vae, pixels.to(self.device))

    def shift(self, latents: torch.Tensor) -> float:  # noqa: ARG002 - alike for all sizes
        return usual_shift(self.pipeline.scheduler, self._most)

    def predict(
        self,
        noisy: torch.Tensor,
        s: torch.Tensor,
        conditions: Sequence[Conditions],
        guidance: torch.Tensor | None,  # noqa: ARG002 - it is told none
    ) -> torch.Tensor:
        towards_picture: torch.Tensor = self.denoiser(
            hidden_states=self.place(noisy),
            timesteps=s.to(self.device) * 1000,
            encoder_hidden_states_t5=self.gather(conditions, "t5"),
            encoder_hidden_states_llama3=self.gather(conditions, "llama").transpose(0, 1),
            pooled_embeds=self.gather(conditions, "pooled"),
            return_dict=False,
        )[0]
        return -towards_picture.float()

    def draw(self, conditions: Conditions, negative: Conditions, manner: Manner, seed: int) -> Image.Image:
        # diffusers' pipeline draws every size with the area that it takes for the model's: here it is the picture's.
        side = math.sqrt(manner.size.pixels) / int(self.pipeline.vae_scale_factor)
        self.pipeline.default_sample_size = side * (1 + 1e-9)  # it rounds down
        return super().draw(conditions, negative, manner, seed)

    def told(self, conditions: Conditions, negative: Conditions) -> Mapping[str, Any]:
        return self._named(conditions, "") | self._named(negative, "negative_")

    def _named(self, conditions: Conditions, prefix: str) -> dict[str, torch.Tensor]:
        return {
            f"{prefix}prompt_embeds_t5": self.place(conditions["t5"]),
            f"{prefix}prompt_embeds_llama3": self.place(conditions["llama"]).transpose(0, 1),
            f"{prefix}pooled_prompt_embeds": self.place(conditions["pooled"]),
        }

    def _read(self, caption: str) -> Conditions:
        t5, _, llama, _, pooled, _ = self.pipeline.encode_prompt(
            prompt=caption,
            do_classifier_free_guidance=False,
            device=self.device,
            max_sequence_length=self.text_length,
        )
        return {"t5": t5, "llama": llama.transpose(0, 1), "pooled": pooled}


def load_trainable(config: ModelConfig) -> HiDreamTraining:
    """Check the weights, build the pipeline. Raises ConfigError with one plain sentence."""
    assembled = assemble("HiDreamImagePipeline", config, undistilling(config))
    check_parts(assembled.pipeline, f"model '{config.id}'")
    return HiDreamTraining(assembled, config)


def _let_gradients_through(denoiser: Any) -> None:
    """diffusers runs the experts without gradients unless they are in training, where they say the same: what is behind
    an expert would learn nothing from it, as it does in diffusers' own script, which forces that way."""
    from diffusers.models.transformers import transformer_hidream_image

    experts: Any = transformer_hidream_image.MOEFeedForwardSwiGLU
    for module in denoiser.modules():
        if isinstance(module, experts):
            module.training, module._force_inference_output = True, False

"""SDXL for the LoRA trainer: no flow but a diffusion in a thousand steps, whose UNet says the noise, or (v) the way
from noise to picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.families.assembly import Assembled, assemble
from deployments.families.autoencoder import Autoencoder
from deployments.families.trained_pipeline import TrainedPipeline, undistilling
from deployments.families.training import Conditions

_BLOCKS = r"(down_blocks|up_blocks|mid_block)\.[\w.]*attentions\.\d+"
TARGETS = {
    "all": _BLOCKS
    + r"\.(proj_in|proj_out|transformer_blocks\.\d+\.(attn[12]\.to_(q|k|v|out\.0)|ff\.net\.(0\.proj|2)))",
    "attention": _BLOCKS + r"\.transformer_blocks\.\d+\.attn[12]\.to_(q|k|v|out\.0)",
}


class SdxlTraining(TrainedPipeline):
    """Its UNet to be trained on (see `Trainable`). Conditions: `tokens` [1, T, D], `pooled` [1, P].

    A share of noise is a step of the thousand: s from 0 to 1 is step 0 to 999. `predict` says what the UNet does.
    """

    targets = TARGETS

    def __init__(self, assembled: Assembled, config: ModelConfig) -> None:
        """Raises ConfigError for a checkpoint that says neither noise nor v."""
        import diffusers

        super().__init__(assembled, config, "unet")
        owner, parts = f"model '{config.id}'", diffusers
        schedulers: Any = parts
        self._noise = schedulers.DDPMScheduler.from_config(self.pipeline.scheduler.config)
        self._says = str(self._noise.config.prediction_type)
        if self._says not in ("epsilon", "v_prediction"):
            raise ConfigError(f"{owner}: LoRAs learn from what says noise or v, and it says {self._says}", "weights")
        self._autoencoder = Autoencoder(self.pipeline, owner)
        self.unit = int(self.pipeline.vae_scale_factor)

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return [self._read(caption) for caption in captions]

    @torch.no_grad()
    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        return self._autoencoder.encode_middle(pixels).float()

    def shift(self, latents: torch.Tensor) -> float:  # noqa: ARG002 - its steps lie evenly
        return 1.0

    def noisy(self, clean: torch.Tensor, noise: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        mixed: torch.Tensor = self._noise.add_noise(clean, noise, self._steps(s))
        return mixed

    def target(self, clean: torch.Tensor, noise: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        if self._says == "epsilon":
            return noise
        velocity: torch.Tensor = self._noise.get_velocity(clean, noise, self._steps(s))
        return velocity

    def weight(self, s: torch.Tensor, min_snr: float | None) -> torch.Tensor:
        """Min-SNR (arXiv 2303.09556): steps of little noise count for no more than `min_snr`, as if it were theirs."""
        if min_snr is None:
            return torch.ones_like(s)
        kept: torch.Tensor = self._noise.alphas_cumprod.to(s.device)[self._steps(s)]
        ratio = kept / (1 - kept)
        return ratio.clamp(max=min_snr) / (ratio if self._says == "epsilon" else ratio + 1)

    def predict(
        self,
        noisy: torch.Tensor,
        s: torch.Tensor,
        conditions: Sequence[Conditions],
        guidance: torch.Tensor | None,  # noqa: ARG002 - it is told none
    ) -> torch.Tensor:
        height, width = (side * self.unit for side in noisy.shape[-2:])
        sizes = torch.tensor([(height, width, 0, 0, height, width)] * len(noisy))
        said: torch.Tensor = self.denoiser(
            self.place(noisy),
            self._steps(s),
            encoder_hidden_states=self.gather(conditions, "tokens"),
            added_cond_kwargs={"text_embeds": self.gather(conditions, "pooled"), "time_ids": self.place(sizes)},
            return_dict=False,
        )[0]
        return said.float()

    def told(self, conditions: Conditions, negative: Conditions) -> Mapping[str, Any]:
        return {
            "prompt_embeds": self.place(conditions["tokens"]),
            "pooled_prompt_embeds": self.place(conditions["pooled"]),
            "negative_prompt_embeds": self.place(negative["tokens"]),
            "negative_pooled_prompt_embeds": self.place(negative["pooled"]),
        }

    def _steps(self, s: torch.Tensor) -> torch.Tensor:
        count = int(self._noise.config.num_train_timesteps)
        return (s.to(self.device, torch.float64) * count).floor().clamp(0, count - 1).long()

    def _read(self, caption: str) -> Conditions:
        tokens, _, pooled, _ = self.pipeline.encode_prompt(
            prompt=caption, device=self.device, do_classifier_free_guidance=False
        )
        return {"tokens": tokens, "pooled": pooled}


def load_trainable(config: ModelConfig) -> SdxlTraining:
    """Check the weights, build the pipeline. Raises ConfigError with one plain sentence."""
    return SdxlTraining(assemble("StableDiffusionXLPipeline", config, undistilling(config)), config)

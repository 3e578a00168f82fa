"""A diffusers pipeline that is trained on: all that is the same whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image

from configs.schema import LicencePart, LoraConfig, ModelConfig
from deployments.families.assembly import Assembled
from deployments.families.family import FusedLora
from deployments.families.training import Conditions, Manner

_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3", "text_encoder_4")


class TrainedPipeline:
    """A part of `Trainable`. A family adds what it reads and says: encoders, sign, scale, packing."""

    embeds_guidance = False
    guidance_name = "guidance_scale"
    """What its pipeline calls the scale of guidance."""

    def __init__(self, assembled: Assembled, config: ModelConfig, denoiser: str = "transformer") -> None:
        self.pipeline: Any = assembled.pipeline
        self.pipeline.set_progress_bar_config(disable=True)
        self.denoiser: Any = getattr(self.pipeline, denoiser)
        self.device = torch.device(self.pipeline._execution_device)
        self.weights = self.encoder = assembled.weights
        self.manner = Manner.of(config)
        self.text_length = config.text_length

    def told(self, conditions: Conditions, negative: Conditions) -> Mapping[str, Any]:
        """What the pipeline is called with in place of a prompt, `negative` where its guidance takes a second row."""
        raise NotImplementedError

    def release_encoders(self) -> None:
        if self.device.type != "cuda":
            return
        for name in _ENCODERS:
            encoder = getattr(self.pipeline, name, None)
            if encoder is not None:
                encoder.to("cpu")
        torch.cuda.empty_cache()

    @torch.no_grad()
    def draw(self, conditions: Conditions, negative: Conditions, manner: Manner, seed: int) -> Image.Image:
        drawn = self.pipeline(
            **self.told(conditions, negative),
            **{self.guidance_name: manner.guidance},
            width=manner.size.width,
            height=manner.size.height,
            num_inference_steps=manner.steps,
            generator=torch.Generator("cpu").manual_seed(seed),
        )
        picture: Image.Image = drawn.images[0]
        return picture

    def gather(self, conditions: Sequence[Conditions], name: str) -> torch.Tensor:
        """The tensors of that name, one row under another, as the denoiser computes."""
        return torch.cat([each[name] for each in conditions]).to(self.device, self.denoiser.dtype)

    def place(self, tensor: torch.Tensor) -> torch.Tensor:
        """On the device and in the dtype in which the denoiser computes."""
        return tensor.to(self.device, self.denoiser.dtype)


def encode_middle(vae: Any, pixels: torch.Tensor) -> torch.Tensor:
    """The middle of what an AutoencoderKL says of `pixels`, even: [1, C, h, w], float32."""
    latents: torch.Tensor = vae.encode(pixels.to(vae.dtype)).latent_dist.mode()
    even: torch.Tensor = (latents - vae.config.shift_factor) * vae.config.scaling_factor
    return even.float()


def undistilling(config: ModelConfig) -> tuple[FusedLora, ...]:
    """What takes the distillation of a model away while it is trained on: its `training_adapter`, fused."""
    if config.training_adapter is None:
        return ()
    adapter = LoraConfig(
        id=f"{config.id}-undistilled"[:64],
        name="Training adapter",
        family=config.family,
        weights=config.training_adapter,
        licence_parts=(LicencePart(part="adapter", licence="unknown"),),
    )
    return (FusedLora(adapter, 1.0),)

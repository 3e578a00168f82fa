"""A FLUX pipeline of random weights, small enough to build in every test, tokenizers included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from configs.runtime import Runtime
from configs.schema import LicencePart, ModelConfig, Size
from configs.weights import Weights
from deployments.messages import GenerateRequest
from tests.deployments.asking import asked
from tests.deployments.tiny_components import LETTERS as LETTERS
from tests.deployments.tiny_components import autoencoder, clip_config, clip_tokenizer, models, t5, t5_tokenizer
from tests.deployments.tiny_components import parts as parts

SIZES = (Size(width=128, height=128), Size(width=96, height=160), Size(width=160, height=96))
LATENT_CHANNELS = 4


@dataclass(frozen=True)
class Shape:
    """What differs between the tiny models that the tests build."""

    guidance_embeds: bool = True
    vae: str = "kl"
    width: int = 2
    layers: int = 1


def save_tiny(folder: Path, shape: Shape = Shape(), seed: int = 0) -> Path:  # noqa: B008 - frozen
    """Write a whole pipeline in diffusers' layout to `folder`."""
    torch.manual_seed(seed)
    text_encoder, text_encoder_2 = models.CLIPTextModel(clip_config()), t5(32)
    pipeline = parts.FluxPipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
        vae=_vae(shape.vae),
        text_encoder=text_encoder,
        tokenizer=clip_tokenizer(),
        text_encoder_2=text_encoder_2,
        tokenizer_2=t5_tokenizer(),
        transformer=_transformer(shape),
    )
    pipeline.save_pretrained(folder)
    return folder


def tiny_config(folder: Path, **changes: Any) -> ModelConfig:
    """The YAML of a tiny model, as it would be parsed."""
    fields: dict[str, Any] = {
        "id": "tiny",
        "name": "Tiny",
        "description": "Random weights",
        "family": "flux",
        "weights": Weights(path=str(folder)),
        "text_length": 64,
        "native_sizes": SIZES,
        "steps": {"draft": 4},
        "guidance_scale": 3.5,
        "seconds_per_step": 0.01,
        "runtime": Runtime(device="cpu", threads=1),
        "licence_parts": (LicencePart(part="transformer", licence="apache-2.0"),),
    }
    return ModelConfig(**{**fields, **changes})


def request(**changes: Any) -> GenerateRequest:
    """A request for a tiny model."""
    fields: dict[str, Any] = {
        "request_id": "r1",
        "prompt": "a red bicycle icon",
        "negative_prompt": "blurry",
        "width": 128,
        "height": 128,
        "seed": 7,
        "num_inference_steps": 4,
        "guidance_scale": 3.5,
    }
    return asked(**{**fields, **changes})


def _transformer(shape: Shape) -> Any:
    return parts.FluxTransformer2DModel(
        patch_size=1,
        in_channels=LATENT_CHANNELS * 4,
        num_layers=shape.layers,
        num_single_layers=shape.layers,
        attention_head_dim=16,
        num_attention_heads=shape.width,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=shape.guidance_embeds,
    )


def _vae(kind: str) -> Any:
    if kind in ("tiny", "light"):
        width = 8 if kind == "tiny" else 4
        return parts.AutoencoderTiny(
            encoder_block_out_channels=(width,) * 4,
            decoder_block_out_channels=(width,) * 4,
            num_encoder_blocks=(1, 1, 1, 1),
            num_decoder_blocks=(1, 1, 1, 1),
            latent_channels=LATENT_CHANNELS,
        )
    return autoencoder(latent_channels=LATENT_CHANNELS)

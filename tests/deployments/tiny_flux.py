"""What stands beside the tiny FLUX pipeline of `tiny.py`: its other variants, ControlNets, and FLUX.1 Redux."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import SiglipImageProcessorPil, SiglipVisionConfig, SiglipVisionModel

from configs.schema import ControlConfig, ImagePromptConfig, LicencePart
from configs.weights import Weights
from tests.deployments.tiny import LATENT_CHANNELS, Shape, parts, save_tiny

LICENCE = (LicencePart(part="ControlNet", licence="apache-2.0"),)
FILL_CHANNELS = LATENT_CHANNELS * 4 * 2 + 8 * 8 * 4
"""Latents, what is kept, and a mask of 8 x 8 pixels for each latent; all two by two."""


def save_control(folder: Path, layers: tuple[int, int] = (1, 1), seed: int = 0, **changes: Any) -> Path:
    """A ControlNet for the tiny transformer, whose every answer matters; `layers` double and single."""
    torch.manual_seed(seed)
    fields: dict[str, Any] = {
        "in_channels": LATENT_CHANNELS * 4,
        "num_layers": layers[0],
        "num_single_layers": layers[1],
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "joint_attention_dim": 32,
        "pooled_projection_dim": 32,
        "axes_dims_rope": (4, 4, 8),
    }
    net = parts.FluxControlNetModel(**{**fields, **changes})
    for name, weights in net.named_parameters():
        if "controlnet" in name:  # which a new net has as zeros
            torch.nn.init.normal_(weights, std=0.3)
    net.save_pretrained(folder)
    return folder


def control_config(folder: Path, mode: int | None = None) -> ControlConfig:
    return ControlConfig(weights=Weights(path=str(folder)), mode=mode, licence_parts=LICENCE)


def save_fill(folder: Path, shape: Shape) -> Path:
    """The tiny pipeline as FLUX.1 Fill."""
    return _save_variant(folder, shape, "FluxFillPipeline", in_channels=FILL_CHANNELS, out_channels=LATENT_CHANNELS * 4)


def save_kontext(folder: Path, shape: Shape) -> Path:
    """The tiny pipeline as FLUX.1 Kontext."""
    return _save_variant(folder, shape, "FluxKontextPipeline")


def save_redux(folder: Path) -> Path:
    """FLUX.1 Redux with an encoder that makes 16 tokens of a picture."""
    torch.manual_seed(5)
    config = SiglipVisionConfig(
        hidden_size=24, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=8
    )
    prior = parts.FluxPriorReduxPipeline(
        image_encoder=SiglipVisionModel(config),
        feature_extractor=SiglipImageProcessorPil(size={"height": 32, "width": 32}),
        image_embedder=parts.ReduxImageEncoder(redux_dim=24, txt_in_features=32),
    )
    prior.save_pretrained(folder)
    return folder


def redux_config(folder: Path) -> ImagePromptConfig:
    return ImagePromptConfig(kind="redux", weights=Weights(path=str(folder)), licence_parts=LICENCE)


def _save_variant(folder: Path, shape: Shape, name: str, **changes: Any) -> Path:
    save_tiny(folder, shape)
    pipeline = parts.FluxPipeline.from_pretrained(folder, use_safetensors=True)
    torch.manual_seed(1)
    transformer = parts.FluxTransformer2DModel.from_config({**pipeline.transformer.config, **changes})
    kinds = getattr(parts, name)
    kinds(**{**components(pipeline, kinds), "transformer": transformer}).save_pretrained(folder)
    return folder


def components(pipeline: Any, kinds: Any) -> dict[str, Any]:
    """Those parts of a pipeline that another kind of pipeline takes."""
    taken, _ = kinds._get_signature_keys(kinds)
    return {name: part for name, part in pipeline.components.items() if name in taken}

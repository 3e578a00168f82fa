"""The files of an IP-Adapter, found and checked before anything is built from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file

from configs.errors import ConfigError, StageError
from configs.schema import ImagePromptConfig
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.preflight import Component
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import LORA_FILES, display, locate
from deployments.families.pictures import check_pixels
from deployments.messages import GenerateRequest

_LAYOUT = ("image_proj", "ip_adapter")


def find(config: ImagePromptConfig, owner: str) -> Path:
    """The one safetensors file of an adapter. Raises ConfigError."""
    if config.kind != "ip-adapter":
        raise ConfigError(f"{owner}: it reads pictures with an ip-adapter, not '{config.kind}'.", "image_prompt.kind")
    path = locate(config.weights, owner, LORA_FILES)
    files = sorted(path.glob("*.safetensors")) if path.is_dir() else [path]
    if len(files) != 1 or not files[0].is_file() or files[0].suffix != ".safetensors":
        raise ConfigError(
            f"{owner}: {display(path)} must be, or hold, exactly one .safetensors file; name it in "
            "'image_prompt.weights.file'.",
            "image_prompt.weights",
        )
    return files[0]


def find_encoder(config: ImagePromptConfig, file: Path, class_name: str, owner: str) -> Path:
    """The folder of the image encoder, checked: the configured one, or `image_encoder` beside the adapter's `file`.
    Raises ConfigError."""
    folder = file.parent / "image_encoder" if config.image_encoder is None else locate(config.image_encoder, owner)
    weights = folder / "model.safetensors"
    if not weights.is_file() or not (folder / "config.json").is_file():
        raise ConfigError(
            f"{owner}: {display(folder)} holds no config.json and model.safetensors of an image encoder; say in "
            "'image_prompt.image_encoder' where they are.",
            "image_prompt.image_encoder",
        )
    check_shapes(Component("image_encoder", "transformers", class_name, folder, read_header(weights, owner)), owner)
    return folder


def read(file: Path, owner: str) -> Mapping[str, Mapping[str, torch.Tensor]]:
    """Its tensors as diffusers takes them. Raises ConfigError for a file that is no IP-Adapter."""
    names = read_header(file, owner)
    if any(not any(name.startswith(f"{part}.") for name in names) for part in _LAYOUT):
        raise ConfigError(
            f"{owner}: {display(file)} is no IP-Adapter: its tensors begin with {' and '.join(_LAYOUT)}.",
            "image_prompt.weights",
        )
    tensors = load_file(file)
    return {
        part: {name.removeprefix(f"{part}."): value for name, value in tensors.items() if name.startswith(f"{part}.")}
        for part in _LAYOUT
    }


def misfit(file: Path, error: Exception, owner: str) -> ConfigError:
    """What to raise where a file does not fit its model."""
    first = next(iter(str(error).splitlines()), type(error).__name__)
    return ConfigError(f"{owner}: {display(file)} was made for another model: {first}", "image_prompt.weights")


def check_prompts(request: GenerateRequest) -> None:
    """Raises StageError for an image prompt that cannot be read."""
    for prompt in request.image_prompts:
        check_pixels(prompt.image, "image prompt", "image_prompts")
        if not math.isfinite(prompt.scale):
            raise StageError("the scale of an image prompt must be a number", "image_prompts")

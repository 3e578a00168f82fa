"""An adapter written for use: from a checkpoint, in 16 bits, in the layout that whoever loads it reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from configs.schema import ModelConfig
from configs.training import TrainingSettings
from deployments.families.training import Trainable
from training.lora.checkpoints import ADAPTER, STATE
from training.lora.files import write_tensors
from training.lora.layouts import Layout, component_of, from_diffusers, to_diffusers, to_kohya
from training.lora.model_spec import Lineage, describe

PEFT = "lora_adapter_metadata"
"""Where diffusers reads a file's PEFT configuration."""


def export(
    checkpoint: Path,
    file: Path,
    trainable: Trainable,
    config: ModelConfig,
    lineage: Lineage,
    layout: Layout = "diffusers",
    dtype: torch.dtype = torch.bfloat16,
) -> Path:
    """Write the adapter of `checkpoint`, trained on `trainable` (which is `config`'s), to `file`.

    Raises ConfigError where the layout cannot hold it, OSError where the file cannot be written.
    """
    settings = settings_of(checkpoint)
    component = component_of(trainable)
    learned = from_diffusers(load_file(checkpoint / ADAPTER), component)
    learned = {name: value.to(dtype) for name, value in learned.items()}
    if layout == "kohya":
        tensors, metadata = to_kohya(learned, trainable.denoiser, settings.scale), {}
    else:
        tensors, metadata = to_diffusers(learned, component), {PEFT: _peft(checkpoint)}
    metadata |= describe(config, trainable.weights, settings, lineage, tensors)
    write_tensors(file, tensors, metadata)
    return file


def settings_of(checkpoint: Path) -> TrainingSettings:
    """Those that it was trained with."""
    state: dict[str, Any] = json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    return TrainingSettings.model_validate(state["settings"])


def _peft(checkpoint: Path) -> str:
    with safe_open(checkpoint / ADAPTER, framework="pt") as opened:
        return str(opened.metadata()[PEFT])

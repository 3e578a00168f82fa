"""The LoRA combination of a placement, fused into the weights once at the start: no cost per step afterwards."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from configs.errors import ConfigError
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import LORA_FILES, display, locate
from deployments.families.family import FusedLora


def find_loras(loras: Sequence[FusedLora], family: str, owner: str) -> tuple[Path, ...]:
    """The checked file of each LoRA, in order. Raises ConfigError."""
    return tuple(_find(lora, family, owner) for lora in loras)


def fuse(pipeline: Any, loras: Sequence[FusedLora], files: Sequence[Path], owner: str) -> None:
    """Add each LoRA, times its strength, to the pipeline's weights. Raises ConfigError for one that does not fit."""
    if not loras:
        return
    for lora, file in zip(loras, files, strict=True):
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Already found a `peft_config`")  # a second LoRA is meant
                pipeline.load_lora_weights(load_file(file), adapter_name=lora.config.id)
        except (ValueError, RuntimeError, KeyError) as error:
            raise _unfit(lora, file, owner, str(error).splitlines()[0]) from None
        if not any(lora.config.id in names for names in pipeline.get_list_adapters().values()):
            raise _unfit(lora, file, owner, "none of its layers is in this model")
    names = [lora.config.id for lora in loras]
    pipeline.set_adapters(names, [lora.strength for lora in loras])
    pipeline.fuse_lora(components=list(pipeline.get_list_adapters()), adapter_names=names)
    pipeline.unload_lora_weights()


def _find(lora: FusedLora, family: str, owner: str) -> Path:
    name = f"{owner}, LoRA '{lora.config.id}'"
    if lora.config.family != family:
        raise ConfigError(f"{name}: was made for family '{lora.config.family}', this model is '{family}'.", "loras")
    path = locate(lora.config.weights, name, LORA_FILES)
    files = [path] if path.is_file() else sorted(path.glob("*.safetensors"))
    if len(files) != 1 or files[0].suffix != ".safetensors":
        raise ConfigError(f"{name}: {display(path)} must be, or hold, exactly one .safetensors file.", "weights")
    read_header(files[0], name)
    return files[0]


def _unfit(lora: FusedLora, file: Path, owner: str, why: str) -> ConfigError:
    return ConfigError(f"{owner}, LoRA '{lora.config.id}': {display(file)} does not fit: {why}", "loras")

"""Components that a checkpoint lacks and its YAML takes from elsewhere: HiDream's Llama, under its own licence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

import torch

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.checkpoints.preflight import inspect_borrowed
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import display, locate
from deployments.sharing.parts import loan


@dataclass(frozen=True, slots=True)
class Borrowed:
    """Components by name, and the folders that their weights were read from."""

    components: dict[str, Any]
    folders: tuple[Path, ...]


def borrow(pipeline: str, config: ModelConfig, dtype: torch.dtype) -> Borrowed:
    """What `config.borrowed` names, as the classes that diffusers' `pipeline` takes them for. Raises ConfigError."""
    import diffusers

    cls: Any = getattr(diffusers, pipeline)
    hints = get_type_hints(cls.__init__) if config.borrowed else {}
    components, folders, lent = {}, [], loan().components()
    for name, weights in config.borrowed.items():
        owner = f"{name} of model '{config.id}'"
        if name not in hints:
            raise ConfigError(f"{owner}: {pipeline} has no such component: correct 'borrowed' in the YAML.", "borrowed")
        folder = locate(weights, owner)
        components[name] = lent[name] if name in lent else _load(hints[name], name, folder, dtype, owner)
        if isinstance(components[name], torch.nn.Module):
            folders.append(folder)
    return Borrowed(components, tuple(folders))


def _load(cls: Any, name: str, folder: Path, dtype: torch.dtype, owner: str) -> Any:
    import transformers

    try:
        if not issubclass(cls, torch.nn.Module):
            tokenizer: Any = transformers.AutoTokenizer
            return tokenizer.from_pretrained(folder, local_files_only=True)
        check_shapes(inspect_borrowed(folder, name, cls.__name__, owner), owner)
        return cls.from_pretrained(folder, dtype=dtype, use_safetensors=True, local_files_only=True)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(folder)} does not load: {first}", "borrowed") from None

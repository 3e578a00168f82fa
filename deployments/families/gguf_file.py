"""A pipeline whose transformer lies in a GGUF file, in few bits: diffusers converts it, and unpacks each layer when it
runs. All other components come from a folder in diffusers' layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.gguf_headers import read_gguf_header
from deployments.checkpoints.layout import check_layout
from deployments.checkpoints.source import display, locate_config
from deployments.families.single_file import check_whole, load_component

_HOLDS = "transformer"


def build_from_gguf(
    pipeline: str, weights: Weights, file: Path, dtype: torch.dtype, owner: str
) -> tuple[Any, list[Path]]:
    """The `pipeline` of that name, and all that its weights were read from: `file`, and the folders of the components
    that `weights.config` names. It computes in `dtype`.

    Raises ConfigError if the file is not whole, is of another architecture, or a component is missing.
    """
    import diffusers

    read_gguf_header(file, owner)
    configs = locate_config(weights, owner)
    index = _read_index(configs, pipeline, owner)
    check_layout(pipeline, index, owner)
    names = weights.config.components if weights.config is not None else ()
    given: dict[str, Any] = {name: None for name, entry in index.items() if entry[:1] == [None]}
    given |= {name: load_component(configs, name, dtype, owner) for name in names}
    given[_HOLDS] = _load_transformer(str(index[_HOLDS][-1]), file, configs, dtype, owner)
    cls: Any = getattr(diffusers, pipeline)
    try:
        built = cls.from_pretrained(configs, local_files_only=True, use_safetensors=True, dtype=dtype, **given)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise ConfigError(
            f"{owner}: {display(configs)} does not make a {pipeline} of {file.name}: {_first(error)}. Components whose "
            "weights it holds must be named in 'weights.config.components'.",
            "weights.config",
        ) from None
    return built, [file, *(configs / name for name in names)]


def _load_transformer(name: str, file: Path, configs: Path, dtype: torch.dtype, owner: str) -> nn.Module:
    import diffusers
    from diffusers.loaders.single_file_utils import SingleFileComponentError

    parts: Any = diffusers
    cls: Any = getattr(parts, name, None)
    if not hasattr(cls, "from_single_file"):
        raise ConfigError(f"{owner}: a {name} cannot be read from a GGUF file.", "weights.file")
    try:
        built: nn.Module = cls.from_single_file(
            str(file),
            config=str(configs),
            subfolder=_HOLDS,
            local_files_only=True,
            dtype=dtype,
            quantization_config=parts.GGUFQuantizationConfig(compute_dtype=dtype),
        )
    except (SingleFileComponentError, OSError, ValueError, RuntimeError, TypeError, LookupError, AttributeError) as bad:
        raise ConfigError(
            f"{owner}: {display(file)} does not load as the {name} of {display(configs)}: {_first(bad)}. It is of "
            "another model, or 'weights.config' is.",
            "weights.file",
        ) from None
    check_whole(_HOLDS, built, file, owner)
    _check_unpacked(built, file, owner)
    return built


def _check_unpacked(model: nn.Module, file: Path, owner: str) -> None:
    """Only linears unpack what they hold: anything else would compute with the packed bytes."""
    from diffusers.quantizers.gguf.utils import GGUFLinear, GGUFParameter

    for place, module in model.named_modules():
        for name, tensor in module.named_parameters(recurse=False):
            if isinstance(tensor, GGUFParameter) and not (isinstance(module, GGUFLinear) and name == "weight"):
                raise ConfigError(
                    f"{owner}: {display(file)} keeps '{place}.{name}' packed, which is no linear's weight: convert it "
                    "with that tensor as F32 or F16.",
                    "weights.file",
                )


def _read_index(configs: Path, pipeline: str, owner: str) -> dict[str, list[Any]]:
    """The components that the folder's model_index.json lists: library and class by name."""
    try:
        index = json.loads((configs / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigError(f"{owner}: {display(configs)} has no readable model_index.json.", "weights.config") from None
    if index.get("_class_name") != pipeline:
        raise ConfigError(
            f"{owner}: {display(configs)} is of a {index.get('_class_name')}, but this family loads {pipeline}: "
            "correct 'family', 'variant' or 'weights.config' in its YAML.",
            "weights.config",
        )
    if not index.get(_HOLDS):
        raise ConfigError(f"{owner}: {pipeline} has no transformer that a GGUF file could hold.", "weights.file")
    return {name: entry for name, entry in index.items() if isinstance(entry, list)}


def _first(error: Exception) -> str:
    if isinstance(error, LookupError):
        return "its tensors have names that are not known, or some are missing"
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")

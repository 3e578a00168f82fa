"""A pipeline from a checkpoint in one file, as artists share them: diffusers converts it, given a folder of configs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import torch

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.preflight import inspect_component
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import display, locate_config


def build_from_file(
    pipeline: str, weights: Weights, file: Path, dtype: torch.dtype, owner: str
) -> tuple[Any, list[Path]]:
    """The `pipeline` of that name, and all that its weights were read from: `file`, and the folders of the components
    that `weights.config` names.

    Raises ConfigError if the file is not whole, lacks a component, or is of another architecture.
    """
    import diffusers
    from diffusers.loaders.single_file_utils import SingleFileComponentError

    cls: Any = getattr(diffusers, pipeline)
    if not hasattr(cls, "from_single_file"):
        raise ConfigError(f"{owner}: {pipeline} cannot be read from one file: give a diffusers folder.", "weights.file")
    read_header(file, owner)
    configs = locate_config(weights, owner)
    names = weights.config.components if weights.config is not None else ()
    parts = {name: load_component(configs, name, dtype, owner) for name in names}
    try:
        built = cls.from_single_file(
            str(file), config=str(configs), local_files_only=True, torch_dtype=dtype, disable_mmap=False, **parts
        )
    except (SingleFileComponentError, OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
        raise ConfigError(
            f"{owner}: {display(file)} does not load as a {pipeline}: {first}. What the file lacks can be named in "
            "'weights.config.components'.",
            "weights.file",
        ) from None
    for name, component in built.components.items():
        check_whole(name, component, file, owner)
    return built, [file, *(configs / name for name in names)]


def load_component(configs: Path, name: str, dtype: torch.dtype, owner: str) -> Any:
    """The component of that name from a folder in diffusers' layout. Raises ConfigError."""
    component = inspect_component(configs, name, owner)
    check_shapes(component, owner)
    cls: Any = getattr(importlib.import_module(component.library), component.class_name)
    options: dict[str, Any] = {"dtype": dtype} if component.library == "transformers" else {"torch_dtype": dtype}
    if not component.tensors:
        return cls.from_pretrained(component.folder, local_files_only=True)
    return cls.from_pretrained(component.folder, local_files_only=True, use_safetensors=True, **options)


def check_whole(name: str, component: Any, file: Path, owner: str) -> None:
    """Raise ConfigError if `file` left tensors of the component without numbers."""
    if isinstance(component, torch.nn.Module) and any(each.is_meta for each in component.parameters()):
        raise ConfigError(
            f"{owner}: {display(file)} lacks tensors of the {name}: it is cut short, or of another model.",
            "weights.file",
        )

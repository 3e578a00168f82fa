"""A diffusers pipeline from a model's YAML: found, checked, built, LoRAs fused, moved to its device; for any family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers.utils.logging
import torch
import transformers.utils.logging

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.checkpoints.fingerprint import fingerprint
from deployments.checkpoints.preflight import inspect
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import display, locate
from deployments.families.family import FusedLora
from deployments.families.hardware import DTYPES, choose_device, place
from deployments.families.loras import find_loras, fuse


@dataclass(frozen=True, slots=True)
class Assembled:
    """A pipeline ready to run, and the content hash of all weights in it."""

    pipeline: Any
    weights: str


def assemble(pipeline_class: Any, config: ModelConfig, loras: Sequence[FusedLora]) -> Assembled:
    """Everything that can be wrong with weights is a ConfigError of one plain sentence, most of it before loading."""
    owner = f"model '{config.id}'"
    device = choose_device(config.runtime, owner)
    folder = locate(config.weights, owner)
    files = find_loras(loras, config.family, owner)
    for component in inspect(folder, pipeline_class.__name__, owner):
        check_shapes(component, owner)
    pipeline = _build(pipeline_class, folder, DTYPES[config.runtime.dtype], owner)
    fuse(pipeline, loras, files, owner)
    place(pipeline, device, config.runtime.offload)
    return Assembled(pipeline, fingerprint([folder, *files]))


def _build(pipeline_class: Any, folder: Path, dtype: torch.dtype, owner: str) -> Any:
    # A replica's log is for events; progress bars of files already on disk are noise in it.
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return pipeline_class.from_pretrained(folder, dtype=dtype, use_safetensors=True, local_files_only=True)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(folder)} passed its checks and still does not load: {first}") from None

"""A merged adapter as a file in diffusers' layout: its alphas are in its factors, so that no loader can lose them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from configs.errors import ConfigError
from configs.schema import LicencePart
from configs.text import one_line
from configs.version import VERSION
from deployments.checkpoints.source import display
from deployments.loras.keys import Place
from training.lora.merging.factors import Kept

DTYPES: Mapping[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def widest(tensors: Collection[torch.Tensor]) -> torch.dtype:
    """The dtype that loses none of what is given: float32 where they are unlike."""
    dtypes = {tensor.dtype for tensor in tensors if tensor.ndim > 1}
    return next(iter(dtypes)) if len(dtypes) == 1 and dtypes <= {*DTYPES.values()} else torch.float32


def describe(
    method: str, sources: Sequence[Mapping[str, Any]], words: Collection[str], licences: Collection[LicencePart]
) -> dict[str, str]:
    """The header: what it was made of, by hash, and how. No names of files or folders: they may tell of their owner."""
    told = {"method": method, "of": [*sources], "version": VERSION}
    header = {"format": "pt", "atelier.merged": json.dumps(told)}
    if words:
        header["modelspec.trigger_phrase"] = ", ".join(words)
    if licences:
        header["atelier.licences"] = json.dumps({one.part: one.licence for one in licences})
    return header


def write(layers: Mapping[Place, Kept], file: Path, header: Mapping[str, str], dtype: torch.dtype) -> None:
    """Raises ConfigError where it cannot be written, or numbers do not fit `dtype`."""
    tensors: dict[str, torch.Tensor] = {}
    for place, kept in layers.items():
        name = ".".join(place)
        tensors |= {f"{name}.lora_A.weight": kept.change.a, f"{name}.lora_B.weight": kept.change.b}
    cast = {name: tensor.to(dtype).contiguous() for name, tensor in tensors.items()}
    if not all(bool(torch.isfinite(tensor).all()) for tensor in cast.values()):
        raise ConfigError(
            "the result holds numbers that are none, or too large for its dtype: give --dtype float32", "dtype"
        )
    try:
        save_file(cast, file, dict(header))
    except (OSError, SafetensorError) as error:
        why = getattr(error, "strerror", None) or one_line(str(error))
        raise ConfigError(f"{display(file)} cannot be written ({why}): choose another --out", "out") from None

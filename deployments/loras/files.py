"""A LoRA's file, found and read within bounds: safetensors only, never a pickle, never larger than a LoRA can be."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from configs.errors import ConfigError
from configs.schema import LoraConfig
from configs.text import one_line, quoted
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import LORA_FILES, display, locate
from deployments.loras.scales import BESIDE
from deployments.loras.settings import read_object

LARGEST_FILE = 8 * 2**30
LARGEST_HEADER = 16 * 2**20
LARGEST_SETTINGS = 2**20
_FLOATS = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"}
_INTEGERS = {"I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8"}
_ALLOWED = "a LoRA here is of floats of 64, 32, 16 or 8 bits, whole numbers for an alpha alone"


@dataclass(frozen=True, slots=True)
class Contents:
    """A file's tensors, on the CPU, and its metadata, PEFT's settings from beside it included."""

    tensors: dict[str, torch.Tensor]
    metadata: dict[str, str]


def find(config: LoraConfig, owner: str) -> Path:
    """The one file of a LoRA. `owner` is how messages call it. Raises ConfigError."""
    path = locate(config.weights, owner, LORA_FILES)
    files = [path] if path.is_file() else sorted(path.glob("*.safetensors"))
    if len(files) != 1 or files[0].suffix != ".safetensors":
        raise ConfigError(f"{owner}: {display(path)} must be, or hold, exactly one .safetensors file.", "weights")
    return files[0]


def read(file: Path, owner: str) -> Contents:
    """Check size and header, then read it all. Raises ConfigError."""
    if file.is_file():
        _check_bounds(file, owner)
    for name, entry in read_header(file, owner).items():
        if entry.dtype not in _FLOATS and not (entry.dtype in _INTEGERS and math.prod(entry.shape) == 1):
            raise ConfigError(f"{owner}: tensor {quoted(name)} has dtype {entry.dtype}: {_ALLOWED}.", "weights")
    try:
        with safe_open(file, framework="pt") as opened:
            tensors = {name: _as_float(opened.get_tensor(name)) for name in opened.keys()}  # noqa: SIM118 - not a dict
            metadata = dict(opened.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise ConfigError(f"{owner}: {display(file)} cannot be read: {one_line(str(error))}", "weights") from None
    return Contents(tensors, _beside(file, owner) | metadata)


def _as_float(tensor: torch.Tensor) -> torch.Tensor:
    """As arithmetic wants it: 8 bits in 16, which hold each of their numbers, and an alpha that is a whole number."""
    if tensor.is_floating_point():
        return tensor if tensor.itemsize > 1 else tensor.half()
    return tensor.float()


def _check_bounds(file: Path, owner: str) -> None:
    size = file.stat().st_size
    if size > LARGEST_FILE:
        raise ConfigError(
            f"{owner}: {display(file)} has {size:,} bytes; a LoRA has {LARGEST_FILE:,} at most.", "weights"
        )
    with file.open("rb") as opened:
        header = int.from_bytes(opened.read(8), "little")
    if LARGEST_HEADER < header <= size:
        raise ConfigError(
            f"{owner}: {display(file)} has a header of {header:,} bytes; a LoRA's has {LARGEST_HEADER:,} at most.",
            "weights",
        )


def has_settings_beside(file: Path) -> bool:
    """Whether PEFT has left an `adapter_config.json` beside it, without which it would be another LoRA."""
    return os.path.lexists(file.with_name(BESIDE))


def _beside(file: Path, owner: str) -> dict[str, str]:
    """What PEFT writes into `adapter_config.json`, under that name. Raises ConfigError if it is there and unreadable:
    without it, nobody knows how much the LoRA counts."""
    config = file.with_name(BESIDE)
    if not has_settings_beside(file):
        return {}
    try:
        text = config.read_text(encoding="utf-8-sig") if config.stat().st_size <= LARGEST_SETTINGS else ""
    except (OSError, ValueError):
        text = ""
    if read_object(text) is None:
        raise ConfigError(
            f"{owner}: {display(config)} beside it cannot be read as JSON, and says how much the LoRA counts: mend it, "
            "or move it away if it is not of this file.",
            "weights",
        )
    return {BESIDE: text}

"""The header of a safetensors file, read without its tensors: enough to refuse a broken file in plain words."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.errors import ConfigError
from deployments.checkpoints.source import display

_LARGEST_HEADER = 100_000_000
_REMEDY = "Copy, download or export it again."


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of a file: its dtype as safetensors writes it (`F32`, `BF16` …) and its shape."""

    dtype: str
    shape: tuple[int, ...]


def read_header(path: Path, owner: str) -> dict[str, Entry]:
    """Tensor name → entry. Raises ConfigError if the file is not whole: wrong kind, cut short, or overlong."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if start.startswith(b"version "):
            raise ConfigError(f"{owner}: {display(path)} is a Git LFS pointer, not the file: run 'git lfs pull'.")
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(_LARGEST_HEADER, size - 8):
            raise _broken(path, owner, "is not a safetensors file, or is cut short in its header")
        header = _parse(file.read(length), path, owner)
    header.pop("__metadata__", None)
    end = 8 + length + max((int(entry["data_offsets"][1]) for entry in header.values()), default=0)
    if size != end:
        raise _broken(path, owner, f"has {size:,} bytes where its header promises {end:,}")
    return {name: Entry(entry["dtype"], tuple(entry["shape"])) for name, entry in header.items()}


def _parse(raw: bytes, path: Path, owner: str) -> dict[str, dict[str, Any]]:
    try:
        header = json.loads(raw)
    except ValueError:
        header = None
    if not isinstance(header, dict) or not all(_is_entry(k, v) for k, v in header.items()):
        raise _broken(path, owner, "has a corrupt header")
    return header


def _is_entry(name: str, entry: Any) -> bool:
    return name == "__metadata__" or (isinstance(entry, dict) and {"dtype", "shape", "data_offsets"} <= entry.keys())


def _broken(path: Path, owner: str, what: str) -> ConfigError:
    return ConfigError(f"{owner}: {display(path)} {what}. {_REMEDY}", "weights")

"""The header of a safetensors file, read without its tensors: enough to refuse a broken file in plain words."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.errors import ConfigError
from configs.text import quoted
from deployments.checkpoints.kinds import identify, missing
from deployments.checkpoints.source import display

_LARGEST_HEADER = 100_000_000
_REMEDY = "Copy, download or export it again."
_BITS = {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "BF16": 16, "C64": 64}
"""Of one element, where its dtype's number does not say it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of a file: its dtype as safetensors writes it (`F32`, `BF16` …) and its shape."""

    dtype: str
    shape: tuple[int, ...]


def read_header(path: Path, owner: str) -> dict[str, Entry]:
    """Tensor name → entry. Raises ConfigError if the file is not whole: not there, of another kind, cut short,
    overlong, or with a header that is not true of it."""
    if (why := missing(path)) is not None:
        raise ConfigError(f"{owner}: {display(path)} {why}", "weights")
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(_LARGEST_HEADER, size - 8):
            if (kind := identify(path)) is not None:
                raise ConfigError(f"{owner}: {display(path)} {kind}", "weights")
            begun = file.read(1) == b"{" and length <= _LARGEST_HEADER
            raise _broken(path, owner, "is cut short in its header" if begun else "is not a safetensors file")
        header = _parse(file.read(length), path, owner)
    header.pop("__metadata__", None)
    end = 8 + length + max((entry["data_offsets"][1] for entry in header.values()), default=0)
    if size != end:
        raise _broken(path, owner, f"has {size:,} bytes where its header promises {end:,}")
    entries = {name: Entry(entry["dtype"], tuple(entry["shape"])) for name, entry in header.items()}
    _check_places(entries, {name: entry["data_offsets"] for name, entry in header.items()}, path, owner)
    return entries


def _parse(raw: bytes, path: Path, owner: str) -> dict[str, dict[str, Any]]:
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or not all(_is_entry(k, v) for k, v in header.items()):
        raise _broken(path, owner, "has a corrupt header")
    return header


def _is_entry(name: str, entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    if name == "__metadata__":
        return all(isinstance(value, str) for value in entry.values())
    offsets: Any = entry.get("data_offsets")
    return (
        isinstance(entry.get("dtype"), str)
        and _are_counts(entry.get("shape"))
        and _are_counts(offsets)
        and len(offsets) == 2
        and offsets[0] <= offsets[1]
    )


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**63 for value in values)


def _check_places(entries: dict[str, Entry], offsets: dict[str, list[int]], path: Path, owner: str) -> None:
    """Each tensor takes what its dtype and shape need, and they lie one after another."""
    place = 0
    for name in sorted(entries, key=lambda name: offsets[name]):
        first, end = offsets[name]
        needed = _nbytes(entries[name])
        if needed is not None and needed != end - first:
            what = f"gives tensor {quoted(name)} {end - first:,} bytes where it needs {needed:,}"
            raise _broken(path, owner, f"has a header that {what}")
        if first != place:
            raise _broken(path, owner, f"has a header in which tensor {quoted(name)} does not follow the one before it")
        place = end


def _nbytes(entry: Entry) -> int | None:
    """What the tensor takes; None for a dtype that is not known here."""
    width = entry.dtype.partition("_")[0].lstrip("FIU")
    bits = _BITS.get(entry.dtype) or (int(width) if width in ("8", "16", "32", "64") else None)
    return None if bits is None else (math.prod(entry.shape) * bits + 7) // 8


def _broken(path: Path, owner: str, what: str) -> ConfigError:
    return ConfigError(f"{owner}: {display(path)} {what}. {_REMEDY}", "weights")

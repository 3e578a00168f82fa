"""The header of a GGUF file, read within bounds and without its tensors: what is in it, and whether it is whole.

Such a file holds no code. It does hold lengths, which a reader that trusts them would allocate.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from configs.errors import ConfigError
from deployments.checkpoints.headers import Entry
from deployments.checkpoints.source import display

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_LARGEST_HEADER = 32_000_000
_MOST_TENSORS = 65_536
_MOST_SETTINGS = 4_096
_MOST_DIMENSIONS = 4
_LONGEST_NAME = 512
_ALIGNMENT = "general.alignment"
_STRING, _ARRAY, _UINT32 = 8, 9, 4
_SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a setting, by its type."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How a type keeps numbers: so many of them in a block of so many bytes."""

    name: str
    numbers: int
    bytes: int


PACKINGS = {
    0: Packing("F32", 1, 4),
    1: Packing("F16", 1, 2),
    2: Packing("Q4_0", 32, 18),
    3: Packing("Q4_1", 32, 20),
    6: Packing("Q5_0", 32, 22),
    7: Packing("Q5_1", 32, 24),
    8: Packing("Q8_0", 32, 34),
    10: Packing("Q2_K", 256, 84),
    11: Packing("Q3_K", 256, 110),
    12: Packing("Q4_K", 256, 144),
    13: Packing("Q5_K", 256, 176),
    14: Packing("Q6_K", 256, 210),
    20: Packing("IQ4_NL", 32, 18),
    23: Packing("IQ4_XS", 256, 136),
    30: Packing("BF16", 1, 2),
}
"""Those that diffusers unpacks, by their number in a file."""
_PLAIN = ("F32", "F16")


class _Broken(Exception):
    """What is wrong with a file."""


class _Reader:
    """Goes through a header that is in memory, never past its end."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.at = 0

    def skip(self, count: int) -> None:
        if count > len(self._raw) - self.at:
            raise _Broken(f"is cut short in its header, or has one of more than {_LARGEST_HEADER:,} bytes")
        self.at += count

    def number(self, layout: str) -> int:
        start = self.at
        self.skip(struct.calcsize("<" + layout))
        return int(struct.unpack_from("<" + layout, self._raw, start)[0])

    def count(self, most: int, what: str) -> int:
        found = self.number("Q")
        if found > most:
            raise _Broken(f"promises {found:,} {what}, and {most:,} is the most that is read")
        return found

    def name(self) -> str:
        length = self.count(_LONGEST_NAME, "bytes of a name")
        start = self.at
        self.skip(length)
        try:
            return self._raw[start : self.at].decode()
        except UnicodeDecodeError:
            raise _Broken("has a corrupt header") from None


def read_gguf_header(path: Path, owner: str) -> dict[str, Entry]:
    """Tensor name → entry, whose dtype is GGUF's (`Q8_0`, `F16` …). Raises ConfigError if the file is not whole, or
    holds what diffusers cannot unpack."""
    size = path.stat().st_size
    with path.open("rb") as file:
        raw = file.read(min(size, _LARGEST_HEADER))
    try:
        return _read(raw, size)
    except _Broken as error:
        message = f"{owner}: {display(path)} {error}. Copy, download or convert it again."
        raise ConfigError(message, "weights.file") from None


def _read(raw: bytes, size: int) -> dict[str, Entry]:
    reader = _Reader(raw)
    if raw.startswith(b"version "):
        raise _Broken("is a Git LFS pointer, not the file (run 'git lfs pull')")
    if not raw.startswith(_MAGIC):
        raise _Broken("is not a GGUF file")
    reader.skip(len(_MAGIC))
    version = reader.number("I")
    if version not in _VERSIONS:
        raise _Broken(f"is of GGUF version {version}, and 2 and 3 are read")
    tensors, settings = reader.count(_MOST_TENSORS, "tensors"), reader.count(_MOST_SETTINGS, "settings")
    alignment = _read_alignment(reader, settings)
    found: dict[str, Entry] = {}
    end = 0
    for name, entry, stop in _entries(reader, tensors, alignment):
        if name in found:
            raise _Broken(f"holds '{name}' twice")
        found[name], end = entry, max(end, stop)
    promised = -(-reader.at // alignment) * alignment + end
    # Some writers pad the last tensor as they pad the others.
    if not promised <= size <= promised + alignment:
        raise _Broken(f"has {size:,} bytes where its header promises {promised:,}")
    return found


def _read_alignment(reader: _Reader, settings: int) -> int:
    """That of the tensors; all other settings are passed over."""
    alignment = 32
    for _ in range(settings):
        name, kind = reader.name(), reader.number("I")
        if name == _ALIGNMENT and kind == _UINT32:
            alignment = reader.number("I")
        else:
            _pass_over(reader, kind)
    if not 1 <= alignment <= 2**20 or alignment & (alignment - 1):
        raise _Broken(f"aligns its tensors to {alignment} bytes")
    return alignment


def _pass_over(reader: _Reader, kind: int) -> None:
    if kind == _STRING:
        reader.skip(reader.number("Q"))
    elif kind in _SCALARS:
        reader.skip(_SCALARS[kind])
    elif kind == _ARRAY:
        _pass_over_array(reader)
    else:
        raise _Broken(f"has a setting of the unknown type {kind}")


def _pass_over_array(reader: _Reader) -> None:
    kind, count = reader.number("I"), reader.number("Q")
    if kind in _SCALARS:
        reader.skip(count * _SCALARS[kind])
    elif kind == _STRING:
        for _ in range(count):  # each takes eight bytes of the header at least, so its end comes first
            reader.skip(reader.number("Q"))
    else:
        raise _Broken(f"has an array of the type {kind}")


def _entries(reader: _Reader, count: int, alignment: int) -> Iterator[tuple[str, Entry, int]]:
    """Name, entry, and where its bytes end behind the header."""
    for _ in range(count):
        name, dimensions = reader.name(), reader.number("I")
        if not 1 <= dimensions <= _MOST_DIMENSIONS:
            raise _Broken(f"holds '{name}' with {dimensions} dimensions")
        shape = tuple(reversed([reader.number("Q") for _ in range(dimensions)]))
        packing, offset = _packing(name, reader.number("I")), reader.number("Q")
        if shape[-1] % packing.numbers or offset % alignment:
            raise _Broken(f"holds '{name}' in blocks that do not fit its shape {shape}")
        if len(shape) == 1 and packing.name not in _PLAIN:
            raise _Broken(f"keeps '{name}', which is no matrix, as {packing.name}, where only F32 and F16 are read")
        yield name, Entry(packing.name, shape), offset + math.prod(shape) // packing.numbers * packing.bytes


def _packing(name: str, kind: int) -> Packing:
    if kind not in PACKINGS:
        known = ", ".join(packing.name for packing in PACKINGS.values())
        raise _Broken(f"keeps '{name}' in a type (number {kind}) that diffusers does not unpack; it does {known}")
    return PACKINGS[kind]

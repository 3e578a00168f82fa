"""How much of a text a model reads, in tokens: counted by its own tokenizer where that is here, estimated elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from configs.capabilities import TextReader
from configs.catalog import Installation
from configs.schema import ModelConfig
from deployments.checkpoints.here import find_here

_PIECE = re.compile(r"[A-Za-z]+|\d|[^\sA-Za-z\d]")
_LETTERS = 6  # of a word that is one token: English has more in one, names and other languages fewer
_ENDS = 2  # tokens that begin and end a text


@dataclass(frozen=True, slots=True)
class Measured:
    """`tokens` of a text, those around it included; `read` is how many of its characters are read (all, where it
    fits)."""

    tokens: int
    read: int


class Counter(Protocol):
    """Counts as one model's text encoder does. `exact` says whether it is counted or estimated."""

    exact: bool

    def measure(self, text: str, limit: int) -> Measured:
        """How many tokens `text` takes, and up to where it is read by a model that reads `limit` of them."""
        ...


class Counted:
    """A tokenizer's own count. `reader` says what the model's pipeline writes around a prompt."""

    exact = True

    def __init__(self, tokenizer: Tokenizer, reader: TextReader) -> None:
        self._tokenizer = tokenizer
        self._before, _, self._after = reader.written.partition("{prompt}")

    def measure(self, text: str, limit: int) -> Measured:
        encoded = self._tokenizer.encode(f"{self._before}{text}{self._after}")
        first, last = len(self._before), len(self._before) + len(text)
        special = encoded.special_tokens_mask
        spans = [span for span, added in zip(encoded.offsets, special, strict=True) if not added]
        own = [end for start, end in spans if end > first and start < last]
        around = len(encoded.ids) - len(own)
        return _measured(own, around, limit, len(text), first)


class Estimated:
    """An estimate for a model whose tokenizer is not here, on the long side."""

    exact = False

    def measure(self, text: str, limit: int) -> Measured:
        ends: list[int] = []
        for piece in _PIECE.finditer(text):
            ends += [piece.end()] * (1 + (len(piece[0]) - 1) // _LETTERS)
        return _measured(ends, _ENDS, limit, len(text), 0)


def _measured(ends: Sequence[int], around: int, limit: int, length: int, first: int) -> Measured:
    """`ends` are where each of the text's tokens ends; a model reads as many as `around` leaves of `limit`."""
    kept = max(0, limit - around)
    if len(ends) <= kept:
        return Measured(len(ends) + around, length)
    return Measured(len(ends) + around, min(length, max(0, ends[kept - 1] - first)) if kept else 0)


def counter_of(model: ModelConfig, installation: Installation) -> Counter:
    """What counts for `model`."""
    reader = installation.capabilities[model.id].reader
    if reader is None:
        return Estimated()
    name = f"{reader.tokenizer}/tokenizer.json" if reader.tokenizer else "tokenizer.json"
    file = find_here(model.weights, name, Path(installation.root))
    return Estimated() if file is None else Counted(_load(file), reader)


@lru_cache(maxsize=32)
def _load(file: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer

"""How much of a text a model reads, in tokens: counted by its own tokenizer where that is here, estimated elsewhere."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    fits). `unknown` are words and signs among these that are none to the model: it sees that something stands there."""

    tokens: int
    read: int
    unknown: tuple[str, ...] = ()


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
        self._unknown = _unknown_id(tokenizer)

    def measure(self, text: str, limit: int) -> Measured:
        encoded = self._tokenizer.encode(f"{self._before}{text}{self._after}")
        first, last = len(self._before), len(self._before) + len(text)
        pieces = zip(encoded.ids, encoded.offsets, encoded.special_tokens_mask, strict=True)
        own = [(id, span) for id, span, added in pieces if not added and span[1] > first and span[0] < last]
        spans = [(start - first, end - first) for _, (start, end) in own]
        measured = _measured(spans, len(encoded.ids) - len(own), limit, len(text))
        unknown = [text[slice(*span)] for (id, _), span in zip(own, spans, strict=True) if id == self._unknown]
        return replace(measured, unknown=tuple(dict.fromkeys(filter(_says_something, unknown))))


class Estimated:
    """An estimate for a model whose tokenizer is not here, on the long side."""

    exact = False

    def measure(self, text: str, limit: int) -> Measured:
        spans: list[tuple[int, int]] = []
        for piece in _PIECE.finditer(text):
            spans += [piece.span()] * (1 + (len(piece[0]) - 1) // _LETTERS)
        return _measured(spans, _ENDS, limit, len(text))


def _measured(spans: Sequence[tuple[int, int]], around: int, limit: int, length: int) -> Measured:
    """`spans` are where each of the text's tokens begins and ends; a model reads as many as `around` leaves of `limit`.
    What a token that is not read has a share in is not read: the mark of a word's beginning says that it is its first
    letter."""
    kept = max(0, limit - around)
    if len(spans) <= kept:
        return Measured(len(spans) + around, length)
    read = min(spans[kept - 1][1], spans[kept][0]) if kept else 0
    return Measured(len(spans) + around, min(length, max(0, read)))


def _unknown_id(tokenizer: Tokenizer) -> int | None:
    """What stands for all that a tokenizer does not know; None where it knows everything."""
    model = json.loads(tokenizer.to_str())["model"]
    if isinstance(id := model.get("unk_id"), int):
        return id
    token = model.get("unk_token")
    return None if token is None else tokenizer.token_to_id(token)


def _says_something(piece: str) -> bool:
    return any(character.isalnum() or unicodedata.category(character) == "So" for character in piece)


def counter_of(model: ModelConfig, installation: Installation) -> Counter:
    """What counts for `model`."""
    reader = installation.capabilities[model.id].reader
    if reader is None:
        return Estimated()
    name = f"{reader.tokenizer}/tokenizer.json" if reader.tokenizer else "tokenizer.json"
    file = find_here(model.weights, name, Path(installation.root))
    return Estimated() if file is None else _load(file, reader)


@lru_cache(maxsize=32)
def _load(file: Path, reader: TextReader) -> Counted:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Counted(tokenizer, reader)

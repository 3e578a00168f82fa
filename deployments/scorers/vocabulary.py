"""Sentences to word numbers, for scorers that read whole words."""

from __future__ import annotations

import re
from collections.abc import Sequence

PAD = 0
_FIRST = 1
_WORD = re.compile(r"[a-z0-9]+")


def words_of(text: str) -> list[str]:
    """The words of a sentence in small letters; marks between them are dropped."""
    return _WORD.findall(text.lower())


class Vocabulary:
    """The words that a scorer knows, in order; it passes over every other word, as if it was not there."""

    def __init__(self, words: Sequence[str], length: int) -> None:
        self.words, self._length = tuple(words), length
        self._numbers = {word: number for number, word in enumerate(words, _FIRST)}

    def __len__(self) -> int:
        return _FIRST + len(self.words)

    def read(self, text: str) -> list[int]:
        """Its word numbers, cut at the greatest length and padded to it."""
        found = [self._numbers[word] for word in words_of(text) if word in self._numbers][: self._length]
        return found + [PAD] * (self._length - len(found))

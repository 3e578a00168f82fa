"""Text as the words that it is found by, the same on both engines: folded, without accents, split at all that is
neither letter nor digit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from configs.errors import InvalidRequest

MOST_WORDS = 16
"""That one search may have."""
LONGEST_WORD = 40
"""Letters by which a word is found: what is longer is cut there, in pictures and in searches alike."""
_KEPT_WORDS = 400  # of one picture
_WORD = re.compile(r"[^\W_]+")
_ASKED = re.compile(r"[^\W_]+\*?")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a search; `begins` finds all that begin with it."""

    text: str
    begins: bool = False


def words_of(*texts: str) -> tuple[str, ...]:
    """The different words of what a picture is described with, in order."""
    found = (word[:LONGEST_WORD] for text in texts for word in _WORD.findall(_fold(text)))
    return tuple(dict.fromkeys(found))[:_KEPT_WORDS]


def asked_words(query: str) -> tuple[Word, ...]:
    """What somebody searches for: all of the words, each whole, but that `fox*` and the last one, which may still be
    being typed, find what begins with it. Anything else in `query` means nothing. Raises `InvalidRequest` where it has
    no word, or too many."""
    asked = _ASKED.findall(_fold(query))
    if not asked:
        raise InvalidRequest("there is no word in it to search for: write some, such as: q=red fox", "q")
    if len(asked) > MOST_WORDS:
        raise InvalidRequest(
            f"it has {len(asked)} words, of which at most {MOST_WORDS} can be searched for: leave some out", "q"
        )
    last = len(asked) - 1
    return tuple(_unique(_word(text, place == last) for place, text in enumerate(asked)))


def _word(text: str, is_last: bool) -> Word:
    plain = text.rstrip("*")
    return Word(plain[:LONGEST_WORD], begins=plain != text or (is_last and len(plain) > 1))


def _unique(words: Iterable[Word]) -> Iterable[Word]:
    return dict.fromkeys(words)


def _fold(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))

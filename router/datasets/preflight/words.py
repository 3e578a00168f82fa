"""Words of captions, as the checks compare them."""

from __future__ import annotations

import re
from functools import cache

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NO_WORD = re.compile(r"[^\w]+")


def words_of(text: str) -> list[str]:
    """In small letters, as they stand."""
    return [word.casefold() for word in _WORD.findall(text)]


def says(text: str, term: str) -> bool:
    """Whether a term of one or more words stands in a text, in its plural, too."""
    return _pattern(term).search(text) is not None


@cache
def _pattern(term: str) -> re.Pattern[str]:
    spaced = r"[\s_-]+".join(map(re.escape, term.split()))
    return re.compile(rf"(?<!\w){spaced}(?:s|es)?(?!\w)", re.IGNORECASE)


def normal(text: str) -> str:
    """A caption without what makes equal ones look different: letter case, signs, space."""
    return _NO_WORD.sub(" ", text.casefold()).strip()


def without(text: str, term: str) -> str:
    return _pattern(term).sub(" ", text) if term else text
